import { readFile } from 'node:fs/promises'
import path from 'node:path'
import {
  digestOf,
  type ErrorCode,
  MEDIA_FILE,
  type MediaFile,
  type MediaList,
  printable,
  SUMS_FILE,
  sumsBytes,
} from '../../manifests/index.js'
import type { Hasher } from '../hashing/hasher.js'
import { sumInName, sumOf } from './blob-sums.js'
import { type FoundFile, INGEST_FOLDER, walkFiles } from './walk-files.js'

/** One file of a media that is not as the list says. */
export interface MediaProblem {
  code: Extract<ErrorCode, 'FILE_MISSING' | 'FILE_CHANGED' | 'FILE_EXTRA'>
  path: string
  expected?: string
  found?: string
  message: string
}

export interface CheckOptions {
  hasher: Hasher
  /** Which files are read besides being looked at; blobs never are, as their names say what they must be. */
  reads: (file: MediaFile) => boolean
  signal?: AbortSignal
}

/** Compares a media with its list: what is missing, what has changed, and what lies there besides. */
export async function checkMedia(
  root: string,
  list: MediaList,
  options: CheckOptions,
): Promise<MediaProblem[]> {
  const found = new Map((await walkFiles(root)).map((file) => [file.path, file]))
  const problems: MediaProblem[] = []
  for (const file of list.files) {
    const problem = await compare(root, file, found.get(file.path), options)
    if (problem) problems.push(problem)
  }
  problems.push(...(await compareSums(root, list)))
  const known = new Set([...list.files.map((file) => file.path), MEDIA_FILE, SUMS_FILE])
  for (const { path: name } of found.values()) if (!known.has(name)) problems.push(extra(name))
  return problems
}

async function compare(
  root: string,
  listed: MediaFile,
  found: FoundFile | undefined,
  { hasher, reads, signal }: CheckOptions,
): Promise<MediaProblem | undefined> {
  const { path: name, size, sha256 } = listed
  if (!found) return missing(listed)
  if (found.size === undefined) return changed(name, 'a regular file', 'something else')
  if (found.size !== size) return changed(name, `${size} bytes`, `${found.size} bytes`)
  const inName = sumInName(name)
  if (inName !== undefined) return inName === sha256 ? undefined : changed(name, `SHA-256 ${sha256}`, inName)
  if (!reads(listed)) return undefined
  const sum = await sumOf(root, name, size, hasher, signal)
  return sum === sha256 ? undefined : changed(name, `SHA-256 ${sha256}`, sum)
}

/** The list of sums is the same list in another form; it also has the sum of the first. */
async function compareSums(root: string, list: MediaList): Promise<MediaProblem[]> {
  const own = await readFile(path.join(root, MEDIA_FILE))
  const sha256 = digestOf(own).slice('sha256:'.length)
  const all = [...list.files, { path: MEDIA_FILE, sha256 }].sort((a, b) => (a.path < b.path ? -1 : 1))
  const sums = await readFile(path.join(root, SUMS_FILE)).catch(() => undefined)
  if (!sums) return [missing({ path: SUMS_FILE, size: sumsBytes(all).length })]
  return sums.equals(sumsBytes(all)) ? [] : [changed(SUMS_FILE, `the sums of ${MEDIA_FILE}`, 'others')]
}

function missing({ path: name, size }: Pick<MediaFile, 'path' | 'size'>): MediaProblem {
  const message = `${printable(name)} is missing.`
  return { code: 'FILE_MISSING', path: name, expected: `${size} bytes`, found: 'nothing', message }
}

function changed(name: string, expected: string, found: string): MediaProblem {
  const message = `${printable(name)} is not the file that the list names.`
  return { code: 'FILE_CHANGED', path: name, expected, found, message }
}

function extra(name: string): MediaProblem {
  const message = name.startsWith(`${INGEST_FOLDER}/`)
    ? `${printable(name)} was left by a save that did not end; run it again.`
    : `${printable(name)} is on the media and not in its list.`
  return { code: 'FILE_EXTRA', path: name, expected: 'nothing', found: 'a file', message }
}
