import path from 'node:path'
import { BLOBS_FOLDER, type MediaFile } from '../../../manifests/index.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { FoundFile } from './walk-files.js'

/** The SHA-256 that the name of a blob says; undefined for every other file. */
export function sumInName(file: string): string | undefined {
  return new RegExp(`^${BLOBS_FOLDER}/sha256/([0-9a-f]{64})$`).exec(file)?.[1]
}

/**
 * The files of a media with their sums. A blob was checked when it came, and is named by its sum; every
 * other file is read.
 */
export async function sumFiles(
  root: string,
  files: Pick<FoundFile, 'path' | 'size'>[],
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<MediaFile[]> {
  const summed: MediaFile[] = []
  for (const { path: name, size = 0 } of files)
    summed.push({
      path: name,
      size,
      sha256: sumInName(name) ?? (await sumOf(root, name, size, hasher, signal)),
    })
  return summed
}

/** The SHA-256 of one file of a media, in hex. */
export async function sumOf(
  root: string,
  name: string,
  size: number,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<string> {
  const source = { path: path.join(root, ...name.split('/')), offset: 0, size }
  return (await hasher.run({ source, algorithm: 'sha256' }, { signal })).hex
}
