import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { WimContent, WimSourceEntry } from '../../../../../provider/formats/wim/write/index.js'

const DIRECTORY = 0x10
const NORMAL = 0x80
const REPARSE_POINT = 0x400

/** A folder on disk as a tree that can be written: contents as ranges of files, symlinks as reparse points. */
export function diskTree(folder: string, name = ''): WimSourceEntry {
  const contents = new Map<bigint, { content: WimContent | undefined; linkGroup: number }>()
  const visit = (full: string, name: string): WimSourceEntry => {
    const facts = lstatSync(full, { bigint: true })
    const time = (ns: bigint) => ns / 100n + 116444736000000000n
    const times = {
      createdAt: time(facts.ctimeNs),
      accessedAt: time(facts.atimeNs),
      writtenAt: time(facts.mtimeNs),
    }
    if (facts.isDirectory()) {
      const children = readdirSync(full).map((one) => visit(path.join(full, one), one))
      return { name, attributes: DIRECTORY, ...times, children }
    }
    if (facts.isSymbolicLink())
      return { name, attributes: REPARSE_POINT, ...times, reparse: symlinkReparse(readlinkSync(full)) }
    const known = contents.get(facts.ino)
    const size = Number(facts.size)
    const content =
      known?.content ?? (size > 0 ? { size, range: { path: full, offset: 0, size } } : undefined)
    const linkGroup = facts.nlink > 1n ? (known?.linkGroup ?? contents.size + 1) : 0
    if (facts.nlink > 1n) contents.set(facts.ino, { content, linkGroup })
    return {
      ...{ name, attributes: NORMAL, ...times },
      ...(content ? { content } : {}),
      ...(linkGroup ? { linkGroup } : {}),
    }
  }
  return visit(folder, name)
}

function symlinkReparse(target: string) {
  const text = Buffer.from(target.replaceAll('/', '\\'), 'utf16le')
  const head = Buffer.alloc(12)
  head.writeUInt16LE(0, 0)
  head.writeUInt16LE(text.length, 2)
  head.writeUInt16LE(text.length, 4)
  head.writeUInt16LE(text.length, 6)
  head.writeUInt32LE(target.startsWith('/') ? 0 : 1, 8)
  return { tag: 0xa000000c, data: Buffer.concat([head, text, text]) }
}
