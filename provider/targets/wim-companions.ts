import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, option, printable, show } from '../../manifests/index.js'
import { isWimFile, partOf } from '../formats/open/is-wim-file.js'
import { fileInside } from '../io/files/inside-folder.js'
import { listFolder } from '../io/files/list-folder.js'

/**
 * The paths and names in a request, with the parts of one WIM counted as one, and the files that its WIMs may
 * need.
 */
export interface WimCompanions {
  words: string[]
  beside: string[]
  /** A line for each of `refs` that no WIM needed; to be called at the end. */
  unneeded(used: ReadonlySet<string>): string[]
}

/**
 * WIMs that are named together complete each other: the parts of a split one, in whichever folders and under whichever
 * names they are, and a delta with the WIM that it was made against.
 * @param refs further files, or patterns of names with `*` and `?` as in wimlib-imagex --ref
 * @throws PATH_NOT_FOUND if a file or pattern of `refs` names nothing
 */
export async function wimCompanions(
  words: readonly string[],
  refs: readonly string[] = [],
): Promise<WimCompanions> {
  const named: { ref: string; files: string[] }[] = []
  for (const ref of refs) named.push({ ref, files: await filesOf(ref) })
  const beside = named.flatMap(({ files }) => files)
  const unneeded = (used: ReadonlySet<string>): string[] =>
    named
      .filter(({ files }) => !files.some((file) => used.has(file)))
      .map(({ ref }) => `${option('ref')} ${printable(ref)} was not needed: nothing lacked what it has.`)
  if (words.length < 2) return { words: [...words], beside: [...new Set(beside)], unneeded }
  const kept: string[] = []
  const sets = new Set<string>()
  for (const word of words) {
    const isWim = await isWimFile(word)
    if (isWim) beside.push(...(await withItsParts(word)))
    const set = isWim ? (await partOf(word))?.set : undefined
    if (set === undefined || !sets.has(set)) kept.push(word)
    if (set !== undefined) sets.add(set)
  }
  return { words: kept, beside: [...new Set(beside)], unneeded }
}

async function filesOf(ref: string): Promise<string[]> {
  const folder = path.dirname(path.resolve(ref))
  const base = path.basename(ref)
  const isPattern = /[*?]/.test(base)
  if (!isPattern && (await isWimFile(ref))) return await withItsParts(ref)
  if (!isPattern) throw await noWim(ref)
  const source = base.replace(/[.*+?^${}()|[\]\\]/g, (sign) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`,
  )
  const pattern = new RegExp(`^${source}$`, 's')
  const found = (await listFolder(folder)).map(({ name }) => name).filter((name) => pattern.test(name))
  const files: string[] = []
  for (const name of found.sort()) {
    const file = path.join(folder, name)
    if (await isWimFile(file)) files.push(file)
  }
  if (files.length > 0) return files
  throw namesNoWim(ref, 'at least one WIM of that name', 'none')
}

/** A WIM, or one part of a split one with the others that are beside it. */
async function withItsParts(file: string): Promise<string[]> {
  const known = path.resolve(file)
  const set = (await partOf(known))?.set
  if (set === undefined) return [known]
  const folder = path.dirname(known)
  const others: string[] = []
  for (const { name } of await listFolder(folder)) {
    const other = path.join(folder, name)
    if (other === known || path.extname(name).toLowerCase() !== path.extname(known).toLowerCase()) continue
    if ((await fileInside(folder, name)) && (await partOf(other))?.set === set) others.push(other)
  }
  return [known, ...others.sort()]
}

async function noWim(ref: string): Promise<ContainerImageError> {
  const there = await lstat(ref).catch(() => undefined)
  return namesNoWim(ref, 'a WIM', there ? 'a file or folder that is none' : 'nothing')
}

function namesNoWim(ref: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('PATH_NOT_FOUND', `${option('ref')} names no WIM: ${show(ref)}.`, {
    side: 'source',
    expected,
    found,
  })
}
