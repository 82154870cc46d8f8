import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { copyFile, link, lstat, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** What a tree on disk holds, in the words of a WIM. */
export interface SourceFile {
  path: string
  directory: boolean
  sha1?: string
  size: number
  /** FILETIME. */
  writtenAt: bigint
  /** The path of the first name of the same file, where it has several. */
  linkedTo?: string
  target?: string
}

/**
 * Makes a tree of real files: system files up to a size, a program of many megabytes, and what is seldom
 * right: empty files, hard links, symlinks, long and non-ASCII names, deep folders.
 */
export async function makeTree(folder: string, bytes: { system: number; program: number }): Promise<void> {
  let left = bytes.system
  for (const from of [
    '/usr/share/perl5',
    '/usr/share/doc',
    '/usr/share/zoneinfo',
    '/usr/share/man',
    '/usr/share',
  ])
    left = await copySome(from, path.join(folder, 'share', path.basename(from)), left)
  await mkdir(path.join(folder, 'bin'), { recursive: true })
  await writeFile(path.join(folder, 'bin/program'), programBytes(bytes.program))
  await writeFile(path.join(folder, 'bin/zeros'), Buffer.alloc(9 << 20))
  await writeFile(path.join(folder, 'bin/noise'), noise(300_000))
  await writeFile(path.join(folder, 'bin/one chunk'), programBytes(32768))
  await writeFile(path.join(folder, 'bin/one more'), programBytes(32769))
  await writeFile(path.join(folder, 'empty'), '')
  await link(path.join(folder, 'bin/noise'), path.join(folder, 'linked once'))
  await link(path.join(folder, 'bin/noise'), path.join(folder, 'bin/linked twice'))
  await symlink('bin/program', path.join(folder, 'to-program'))
  await symlink('no/such/place', path.join(folder, 'dangling'))
  const deep = path.join(folder, ...Array.from({ length: 30 }, (_, i) => `level ${i}`))
  await mkdir(deep, { recursive: true })
  await writeFile(path.join(deep, 'x'.repeat(250)), 'long')
  await mkdir(path.join(folder, 'Ünïcödé 目录'))
  await writeFile(path.join(folder, 'Ünïcödé 目录', 'emoji 🦜 – Ωμέγα.txt'), 'names')
  await mkdir(path.join(folder, 'empty folder'))
  await utimes(path.join(folder, 'empty'), 1, 1_000_000_000.5)
}

async function copySome(from: string, to: string, bytes: number): Promise<number> {
  let left = bytes
  const names = await readdir(from, { withFileTypes: true }).catch(() => [])
  for (const entry of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (left <= 0) break
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) left = await copySome(source, target, left)
    else if (entry.isFile()) {
      const { size } = await lstat(source)
      if (size > left) continue
      await mkdir(to, { recursive: true })
      await copyFile(source, target)
      left -= size + 200
    }
  }
  return left
}

/** The first bytes of the program that runs this: real machine code. */
export function programBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  const fd = openSync(process.execPath, 'r')
  readSync(fd, bytes, 0, size, 16 << 20)
  closeSync(fd)
  return bytes
}

/** Bytes that nothing compresses, the same each time. */
export function noise(size: number): Buffer {
  const pieces: Buffer[] = []
  for (let made = 0, i = 0; made < size; made += 32, i++)
    pieces.push(createHash('sha256').update(`${i}`).digest())
  return Buffer.concat(pieces).subarray(0, size)
}

/** Lists a tree on disk by path. */
export async function listTree(folder: string): Promise<Map<string, SourceFile>> {
  const found = new Map<string, SourceFile>()
  const firstNames = new Map<bigint, string>()
  const visit = async (at: string) => {
    const full = path.join(folder, at)
    const facts = await lstat(full, { bigint: true })
    const writtenAt = facts.mtimeNs / 100n + 116444736000000000n
    const file: SourceFile = { path: at, directory: facts.isDirectory(), size: 0, writtenAt }
    if (facts.isSymbolicLink()) file.target = readlinkSync(full)
    else if (facts.isFile()) {
      file.size = Number(facts.size)
      if (file.size > 0) file.sha1 = createHash('sha1').update(readFileSync(full)).digest('hex')
      if (facts.nlink > 1n) {
        file.linkedTo = firstNames.get(facts.ino) ?? at
        firstNames.set(facts.ino, file.linkedTo)
      }
    }
    found.set(at, file)
    if (file.directory)
      for (const name of (await readdir(full)).sort()) await visit(path.posix.join(at, name))
  }
  await visit('/')
  return found
}
