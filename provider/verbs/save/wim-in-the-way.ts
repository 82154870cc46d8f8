import { lstat, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ContainerImageError } from '../../../manifests/index.js'
import { readHead } from '../../archives/members/compression.js'
import { fileExists, notAFile } from '../../formats/in-place/file-exists.js'
import { HEADER_SIZE, parseHeader } from '../../formats/wim/read/header.js'
import { openWim } from '../../formats/wim/read/wim.js'
import { partName } from '../../formats/wim/write/index.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import type { Held } from '../../io/files/durable.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest, SaveResult, WimCompression } from './request.js'
import { hashOf } from './saved-result.js'

/** What identifies a WIM that is to be written. */
export interface WantedWim {
  name: string
  version: string
  compression: WimCompression
  integrity: boolean
}

/**
 * Whether there already is a WIM that may be the one to be written. Only its bytes can prove it. @throws
 * FILE_EXISTS if something else is in the way, unless it is a file and may be overwritten. A part of another
 * set is in the way too, as it would be mistaken for one of this set.
 */
export async function checkInTheWay(file: string, wanted: WantedWim, force: boolean): Promise<boolean> {
  const first = await thereAlready(file)
  const further = await furtherParts(file, 1)
  const there = [...first, ...(first.length === 0 ? await notOfKilledRun(file, further) : further)]
  for (const one of there) if (!(await isReplaceable(one))) throw notAFile(one)
  const [found] = there
  if (found === undefined || force) return false
  if (found === file && (await looksLike(file, wanted))) return true
  throw anotherFile(found)
}

/**
 * Ignores what a killed run had already given names: the first part, without which the others are useless,
 * gets its name last. All parts of a set have one GUID ([MS-WIM] 2.1).
 */
async function notOfKilledRun(file: string, further: string[]): Promise<string[]> {
  const guid = further.length > 0 ? await guidOf(`${file}.part`) : undefined
  if (guid === undefined) return further
  const others: string[] = []
  for (const one of further) if ((await guidOf(one)) !== guid) others.push(one)
  return others
}

/** Undefined for anything that is not a complete WIM. */
async function guidOf(file: string): Promise<string | undefined> {
  try {
    return parseHeader(Buffer.from(await readHead(file, HEADER_SIZE)), file).guid
  } catch {
    return undefined
  }
}

/** A file, or a link, which is itself removed and not its target. */
async function isReplaceable(file: string): Promise<boolean> {
  const stats = await lstat(file)
  return stats.isFile() || stats.isSymbolicLink()
}

/**
 * Compares what was written beside a file with that file, and removes it again: so running a command twice is
 * not a conflict. @throws FILE_EXISTS if they differ
 */
export async function compareWithThere(
  context: Context,
  file: string,
  written: SaveResult['files'],
  request: SaveRequest,
): Promise<void> {
  const remove = (): Promise<void> => closeAll(written.map((one) => () => removePath(one.path)))
  await closing(remove, async () => {
    for (const [i, { size, sha256 }] of written.entries()) {
      const there = partName(file, i + 1)
      const found = await stat(there).catch(() => undefined)
      const same = found?.size === size && (await hashOf(context, there, size, request)) === sha256
      if (!same) throw anotherFile(there)
    }
    const [further] = await furtherParts(file, written.length)
    if (further) throw anotherFile(further)
  })
}

async function looksLike(
  file: string,
  { name, version, compression, integrity }: WantedWim,
): Promise<boolean> {
  const wim = await openWim(file).catch(() => undefined)
  if (!wim) return false
  await wim.close()
  const [image] = wim.images
  return (
    image?.name === name &&
    (image.origin?.version ?? image.windows?.version ?? version) === version &&
    wim.compression.toLowerCase() === compression &&
    wim.parts.every(({ header }) => header.integrity.size > 0 === integrity)
  )
}

function anotherFile(file: string): ContainerImageError {
  return fileExists(file, 'no file of this name, or one with the same image')
}

async function thereAlready(file: string): Promise<string[]> {
  return (await stat(file).catch(() => undefined)) ? [file] : []
}

/** What an earlier run with more parts left: it no longer belongs to a set. */
export async function removeFurtherParts(file: string, parts: number, lock: Held): Promise<void> {
  for (const further of await furtherParts(file, parts)) {
    await lock.check()
    await removePath(further)
  }
}

/** `NAME3.swm` and so on, without the given number of first parts. */
async function furtherParts(file: string, parts: number): Promise<string[]> {
  if (path.extname(file).toLowerCase() !== '.swm') return []
  const names = new Set(await readdir(path.dirname(file)).catch(() => []))
  const found: string[] = []
  for (let number = parts + 1; names.has(path.basename(partName(file, number))); number++)
    found.push(partName(file, number))
  return found
}
