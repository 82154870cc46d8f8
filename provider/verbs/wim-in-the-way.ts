import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import type { SaveRequest, SaveResult, WimCompression } from '../requests.js'
import { openWim } from '../wim/wim.js'
import { partName } from '../wim/write/index.js'
import { hashOf } from './saved-result.js'

/** What a WIM that is to be written is known by. */
export interface WantedWim {
  name: string
  version: string
  compression: WimCompression
  integrity: boolean
}

/**
 * Whether a WIM is there already that may be the one that would be written. That it is, only its bytes can say.
 * @throws FILE_EXISTS where something else is in the way, unless it is a file and to be overwritten. A part of
 * another set is in the way also, as it would be taken for one of this.
 */
export async function checkInTheWay(file: string, wanted: WantedWim, force: boolean): Promise<boolean> {
  const [first] = [...(await thereAlready(file)), ...(await furtherParts(file, 1))]
  if (first === undefined) return false
  const isFile = (await stat(first)).isFile()
  if (force && isFile) return false
  if (isFile && first === file && (await looksLike(file, wanted))) return true
  throw fileExists(first, isFile)
}

/**
 * Compares what was written beside a file with it, and removes it again: so running a command a second time is
 * no conflict. @throws FILE_EXISTS where they differ
 */
export async function compareWithThere(
  context: Context,
  file: string,
  written: SaveResult['files'],
  request: SaveRequest,
): Promise<void> {
  try {
    for (const [i, { size, sha256 }] of written.entries()) {
      const there = partName(file, i + 1)
      const found = await stat(there).catch(() => undefined)
      const same = found?.size === size && (await hashOf(context, there, size, request)) === sha256
      if (!same) throw fileExists(there, true)
    }
    const [further] = await furtherParts(file, written.length)
    if (further) throw fileExists(further, true)
  } finally {
    for (const one of written) await rm(one.path, { force: true })
  }
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
    image.origin?.version === version &&
    wim.compression.toLowerCase() === compression &&
    wim.parts.every(({ header }) => header.integrity.size > 0 === integrity)
  )
}

function fileExists(file: string, isFile: boolean): ContainerImageError {
  return new ContainerImageError(
    'FILE_EXISTS',
    `${file} already exists. Skipping save. Use -Force to overwrite.`,
    {
      side: 'destination',
      expected: 'no file of this name, or one with the same image',
      found: isFile ? 'another file' : 'something that is no file',
      ...(isFile ? {} : { remedy: 'Choose another --path.' }),
    },
  )
}

async function thereAlready(file: string): Promise<string[]> {
  return (await stat(file).catch(() => undefined)) ? [file] : []
}

/** What an earlier run with more parts left: it belongs to no set any more. */
export async function removeFurtherParts(file: string, parts: number): Promise<void> {
  for (const further of await furtherParts(file, parts)) await rm(further, { force: true })
}

/** `NAME3.swm` and so on, where the first so many parts are left out. */
async function furtherParts(file: string, parts: number): Promise<string[]> {
  if (path.extname(file) !== '.swm') return []
  const names = new Set(await readdir(path.dirname(file)).catch(() => []))
  const found: string[] = []
  for (let number = parts + 1; names.has(path.basename(partName(file, number))); number++)
    found.push(partName(file, number))
  return found
}
