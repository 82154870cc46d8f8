import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { noise, programBytes } from './source-tree.js'
import { wimlib } from './wimlib.js'

/** One small WIM of every kind, as bytes by name; split sets have several files. */
export async function smallWims(folder: string): Promise<Map<string, Buffer[]>> {
  const tree = path.join(folder, 'small')
  await mkdir(path.join(tree, 'folder/inner'), { recursive: true })
  await writeFile(path.join(tree, 'program'), programBytes(90_000))
  await writeFile(path.join(tree, 'noise'), noise(9000))
  await writeFile(path.join(tree, 'folder/text'), 'words and words and more words\n'.repeat(3000))
  await writeFile(path.join(tree, 'folder/inner/empty'), '')
  await writeFile(path.join(tree, 'folder/inner/short'), 'short')
  await link(path.join(tree, 'noise'), path.join(tree, 'folder/other name'))
  await symlink('program', path.join(tree, 'symlink'))
  const kinds: [string, string[]][] = [
    ['none', ['--compress=none']],
    ['xpress', ['--compress=XPRESS', '--chunk-size=4096', '--check']],
    ['lzx', ['--compress=LZX']],
    ['lzx-wide', ['--compress=LZX', '--chunk-size=1048576']],
    ['lzms', ['--compress=LZMS', '--chunk-size=32768']],
    ['solid-lzms', ['--solid', '--unix-data']],
    ['solid-xpress', ['--solid', '--solid-compress=XPRESS', '--solid-chunk-size=4096']],
    ['pipable', ['--pipable', '--compress=XPRESS']],
  ]
  const made = new Map<string, Buffer[]>()
  for (const [name, options] of kinds) {
    const file = path.join(folder, `${name}.wim`)
    wimlib('capture', tree, file, name, ...options)
    made.set(name, [await readFile(file)])
  }
  await writeFile(path.join(tree, 'second'), noise(1_300_000))
  wimlib('capture', tree, path.join(folder, 'whole.wim'), 'split', '--compress=XPRESS', '--check')
  wimlib('split', path.join(folder, 'whole.wim'), path.join(folder, 'split.swm'), '1')
  const parts: Buffer[] = []
  for (
    let file = path.join(folder, 'split.swm');
    existsSync(file);
    file = path.join(folder, `split${parts.length + 1}.swm`)
  )
    parts.push(await readFile(file))
  made.set('split', parts)
  return made
}

/** Where the lookup table's entries of metadata resources stand. */
export function metadataEntries(wim: Buffer): number[] {
  const size = wim.readUIntLE(0x30, 6)
  const at = Number(wim.readBigUInt64LE(0x38))
  const found: number[] = []
  for (let entry = at; entry + 50 <= Math.min(at + size, wim.length); entry += 50)
    if (((wim[entry + 7] ?? 0) & 2) !== 0) found.push(entry)
  return found
}

/** The bytes of the first image's metadata, which is not compressed: changes to them change the WIM. */
export function metadataOf(wim: Buffer): Buffer {
  const [entry = 0] = metadataEntries(wim)
  const offset = Number(wim.readBigUInt64LE(entry + 8))
  return wim.subarray(offset, offset + wim.readUIntLE(entry, 6))
}

/** Makes the lookup table tell the hash that the metadata has now, so that its tree is looked at. */
export function seal(wim: Buffer): Buffer {
  const [entry] = metadataEntries(wim)
  if (entry !== undefined)
    createHash('sha1')
      .update(metadataOf(wim))
      .digest()
      .copy(wim, entry + 30)
  return wim
}

/** Where the entry of a name stands in metadata that is not compressed. */
export function entryOf(metadata: Buffer, name: string): number {
  const at = metadata.indexOf(Buffer.from(`${name}\0`, 'utf16le'))
  if (at < 0) throw new Error(`there is no ${name}`)
  return at - 0x66
}
