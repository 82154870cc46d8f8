import path from 'node:path'
import { ContainerImageError, hasCode, printable } from '../../../../manifests/index.js'
import { closedAfter } from '../../../io/closing/closing.js'
import { fileInside } from '../../../io/files/inside-folder.js'
import { listFolder } from '../../../io/files/list-folder.js'
import { damaged } from './damage.js'
import { openPart, type WimPart } from './part.js'

/**
 * Opens all files of a WIM, given in any order, and puts them in the order of their numbers. One part of
 * a split set is enough: the others are looked for beside it. BLOB_MISSING names the parts that are not
 * there; ARCHIVE_INVALID where files do not belong together.
 * @param elsewhere files that may be further parts
 */
export async function openParts(
  files: readonly string[],
  elsewhere: readonly string[] = [],
): Promise<WimPart[]> {
  const parts: WimPart[] = []
  try {
    for (const file of files) parts.push(await openPart(file))
    const first = parts[0]
    if (!first) throw new ContainerImageError('USAGE', 'No WIM file was named.')
    if (parts.length === 1 && first.header.parts > 1) parts.push(...(await findOthers(first, elsewhere)))
    checkSet(first, parts)
    return parts.sort((a, b) => a.header.part - b.header.part)
  } catch (error) {
    throw await closedAfter(error, ...parts.map(({ handle }) => handle))
  }
}

/** Files of which the headers tell that they belong to the set: whoever carried them may have given them other names. */
async function findOthers(known: WimPart, elsewhere: readonly string[]): Promise<WimPart[]> {
  const found: WimPart[] = []
  const numbers = new Set([known.header.part])
  for (const file of [...(await filesBeside(known)), ...elsewhere]) {
    if (numbers.size === known.header.parts) break
    const part = await openBeside(file)
    if (!part) continue
    const belongs = part.header.guid === known.header.guid && part.header.parts === known.header.parts
    if (belongs && !numbers.has(part.header.part)) {
      numbers.add(part.header.part)
      found.push(part)
    } else await part.handle.close()
  }
  return found
}

/** Files of the same folder and ending; those whose names begin alike come first, as programs name them. */
async function filesBeside(known: WimPart): Promise<string[]> {
  const folder = path.dirname(known.path)
  const extension = path.extname(known.path).toLowerCase()
  const stem = baseName(known).toLowerCase()
  const names = (await listFolder(folder))
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => name !== path.basename(known.path) && path.extname(name).toLowerCase() === extension)
  const isAlike = (name: string): boolean => name.toLowerCase().startsWith(stem)
  const files: string[] = []
  for (const name of [...names.filter(isAlike), ...names.filter((one) => !isAlike(one))])
    if (await fileInside(folder, name)) files.push(path.join(folder, name))
  return files
}

/** A file that is none, or cannot be read, is none of the parts. */
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
