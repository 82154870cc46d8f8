import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Bytes that look random and are the same in every run. */
export function bytes(size: number, seed: number): Buffer {
  const made = Buffer.alloc(size)
  let word = seed + 1
  for (let i = 0; i < size; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0
    made[i] = word >>> 24
  }
  return made
}

/** Writes files of the given sizes into a folder and gives their bytes by name. */
export function writeFiles(folder: string, sizes: Record<string, number>): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const [i, [name, size]] of Object.entries(sizes).entries()) {
    files.set(name, bytes(size, i))
    writeFileSync(path.join(folder, name), files.get(name) ?? '')
  }
  return files
}

/** Names of the files that differ from what was written. */
export function differing(folder: string, files: Map<string, Buffer>): string[] {
  const there = new Set(readdirSync(folder))
  return [...files]
    .filter(([name, expected]) => !there.has(name) || !readFileSync(path.join(folder, name)).equals(expected))
    .map(([name]) => name)
}

/** Changes a byte of a file. */
export function flip(file: string, position: number): void {
  const content = readFileSync(file)
  content[position] = (content[position] ?? 0) ^ 0x40
  writeFileSync(file, content)
}

/** Where the packets of a recovery file begin, by their type. */
export function packetsOf(file: Buffer): { at: number; length: number; type: string }[] {
  const packets: { at: number; length: number; type: string }[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at + 8))
    packets.push({ at, length, type: file.toString('latin1', at + 56, at + 64).replaceAll('\0', '') })
    at += length
  }
  return packets
}
