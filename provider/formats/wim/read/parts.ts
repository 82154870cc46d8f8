import path from 'node:path'
import { ContainerImageError, hasCode, printable } from '../../../../manifests/index.js'
import { closedAfter } from '../../../io/closing/closing.js'
import { fileInside } from '../../../io/files/inside-folder.js'
import { listFolder } from '../../../io/files/list-folder.js'
import { damaged } from './damage.js'
import { openPart, type WimPart } from './part.js'

/**
 * Opens all files of a WIM, given in any order, and puts them in the order of their numbers. One part of
 * a split set is enough: the others are looked for among the files named beside it, and then in its folder. BLOB_MISSING
 * names the parts that are not there; ARCHIVE_INVALID where files do not belong together.
 */
export async function openParts(
  files: readonly string[],
  beside: readonly string[] = [],
): Promise<WimPart[]> {
  const parts: WimPart[] = []
  try {
    for (const file of files) parts.push(await openPart(file))
    const first = parts[0]
    if (!first) throw new ContainerImageError('USAGE', 'No WIM file was named.')
    if (parts.length === 1 && first.header.parts > 1) parts.push(...(await findOthers(first, beside)))
    checkSet(first, parts)
    return parts.sort((a, b) => a.header.part - b.header.part)
  } catch (error) {
    throw await closedAfter(error, ...parts.map(({ handle }) => handle))
  }
}

/**
 * The other parts of a set, whose headers say that they belong to it: among the files that were named, then
 * among those in its folder whose names begin alike, as programs that split a WIM name them, then among all
 * with the same extension.
 */
async function findOthers(known: WimPart, beside: readonly string[]): Promise<WimPart[]> {
  const found = new Map([[known.header.part, known]])
  const isWhole = (): boolean => found.size === known.header.parts
  const take = async (file: string): Promise<void> => {
    const part = isWhole() ? undefined : await openBeside(file)
    if (!part) return
    const belongs = part.header.guid === known.header.guid && part.header.parts === known.header.parts
    if (belongs && !found.has(part.header.part)) found.set(part.header.part, part)
    else await part.handle.close()
  }
  for (const file of beside) await take(file)
  if (!isWhole()) {
    const folder = path.dirname(known.path)
    for (const name of await namesBeside(known, folder))
      if (!isWhole() && (await fileInside(folder, name))) await take(path.join(folder, name))
  }
  found.delete(known.header.part)
  return [...found.values()]
}

/** Files of its folder that end alike, first those that begin alike as well. */
async function namesBeside(known: WimPart, folder: string): Promise<string[]> {
  const extension = path.extname(known.path).toLowerCase()
  const stem = baseName(known).toLowerCase()
  const names = (await listFolder(folder))
    .filter((entry) => !entry.isDirectory() && path.extname(entry.name).toLowerCase() === extension)
    .map(({ name }) => name)
    .filter((name) => name !== path.basename(known.path))
  const isAlike = (name: string): boolean => name.toLowerCase().startsWith(stem)
  return [...names.filter(isAlike), ...names.filter((name) => !isAlike(name))]
}

/** A file that is not a WIM, or cannot be read, is not one of the parts. */
async function openBeside(file: string): Promise<WimPart | undefined> {
  return await openPart(file).catch((error) => {
    if (hasCode(error, 'NOT_A_FILE')) throw error
    return undefined
  })
}

/** `image` for image.swm, image2.swm and so on: the number is that of the part. */
function baseName(part: WimPart): string {
  const stem = path.basename(part.path, path.extname(part.path))
  const number = String(part.header.part)
  return part.header.part > 1 && stem.endsWith(number) ? stem.slice(0, -number.length) : stem
}

function checkSet(first: WimPart, parts: readonly WimPart[]): void {
  const { guid, parts: total, compression, chunkSize } = first.header
  const numbers = new Map<number, WimPart>()
  for (const part of parts) {
    const place = { file: part.name, resource: 'header' }
    const { header } = part
    if (header.guid !== guid || header.parts !== total)
      throw damaged(place, `it does not belong to the same WIM as ${first.name}`, {
        expected: `GUID ${guid}, ${total} parts`,
        found: `GUID ${header.guid}, ${header.parts} parts`,
        remedy: 'Name the parts of one WIM only.',
      })
    if (header.compression !== compression || header.chunkSize !== chunkSize)
      throw damaged(place, `it is compressed in another way than ${first.name}`)
    const other = numbers.get(header.part)
    if (other) throw damaged(place, `it is part ${header.part}, as ${other.name} is`)
    numbers.set(header.part, part)
  }
  const missing = []
  for (let number = 1; number <= total; number++) if (!numbers.has(number)) missing.push(number)
  if (missing.length > 0) throw missingParts(first, missing)
}

function missingParts(first: WimPart, missing: readonly number[]): ContainerImageError {
  const extension = path.extname(first.path)
  const stem = baseName(first)
  const names = missing.slice(0, 20).map((number) => `${stem}${number > 1 ? number : ''}${extension}`)
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : ''
  const which = missing.length === 1 ? 'Part' : 'Parts'
  return new ContainerImageError(
    'BLOB_MISSING',
    printable(
      `${which} ${missing.slice(0, 20).join(', ')}${more} of the ${first.header.parts} parts of this WIM ` +
        `${missing.length === 1 ? 'is' : 'are'} missing: ${names.join(', ')}.`,
    ),
    {
      expected: first.header.parts,
      found: first.header.parts - missing.length,
      remedy: 'Put all parts into one folder, or name each of them.',
      details: { missing: [...missing], names },
    },
  )
}
