import { closeSync, writeSync } from 'node:fs'
import { printable } from '../../../manifests/index.js'
import type { TarEntry } from '../../archives/members/tar-entries.js'
import { openNewSync } from '../../io/files/own-file.js'

const GATHERED = 64 * 1024

/** What the file system could not hold, one line per file, beside the image; nothing is lost silently. */
export class Losses {
  private readonly fd: number
  private lines: string[] = []
  private length = 0
  private isClosed = false
  count = 0

  /** @param file to be made; it must not be there yet */
  constructor(file: string) {
    this.fd = openNewSync(file)
    this.write('What this file system could not hold. All of it is in the layer in the store.\n')
  }

  add(path: string, what: string[]): void {
    if (what.length === 0) return
    this.count++
    this.write(`${printable(path)}: ${what.map(printable).join('; ')}\n`)
  }

  close(): void {
    this.write(`${this.count} files.\n`)
    this.flush()
    this.discard()
  }

  /** Closes the file, whatever is still to be written. */
  discard(): void {
    if (!this.isClosed) closeSync(this.fd)
    this.isClosed = true
  }

  private write(line: string): void {
    this.lines.push(line)
    this.length += line.length
    if (this.length >= GATHERED) this.flush()
  }

  private flush(): void {
    const bytes = Buffer.from(this.lines.join(''), 'utf8')
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done)
    this.lines = []
    this.length = 0
  }
}

/** [MS-FSCC] 2.6, in the order of their bits; those that only give the kind of a file are left out. */
const ATTRIBUTES: [number, string][] = [
  [0x1, 'read-only'],
  [0x2, 'hidden'],
  [0x4, 'system'],
  [0x100, 'temporary'],
  [0x200, 'sparse'],
  [0x800, 'compressed'],
  [0x1000, 'offline'],
  [0x2000, 'not indexed'],
  [0x4000, 'encrypted'],
  [0x8000, 'integrity'],
  [0x20000, 'no scrub'],
]

/** Which records of an entry Node cannot write to a file. */
export function lostRecords({ records = new Map() }: Pick<TarEntry, 'records'>): string[] {
  const lost: string[] = []
  const text = (key: string): string | undefined => records.get(key)?.toString('latin1')
  if (records.has('MSWINDOWS.rawsd') || records.has('MSWINDOWS.sd')) lost.push('security descriptor')
  const bits = Number(text('MSWINDOWS.fileattr') ?? 0)
  const names = ATTRIBUTES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name)
  if (names.length > 0) lost.push(`attributes ${names.join(', ')}`)
  const created = text('LIBARCHIVE.creationtime')
  if (created !== undefined && created !== text('mtime')) lost.push(`creation time ${created}`)
  for (const key of records.keys())
    if (key.startsWith('MSWINDOWS.xattr.')) lost.push(`extended attribute ${key.slice(16)}`)
  return lost
}
