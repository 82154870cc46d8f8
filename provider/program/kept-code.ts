import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Script } from 'node:vm'
import { dataFolder } from '../session/settings/store-location.js'
import type { Code } from './load-program.js'
import { PLACES } from './places.js'

const SUM_BYTES = 32
const LENGTH_BYTES = 4

export interface KeptCode extends Code {
  /** What is worth keeping for the next run; undefined if all of it is already kept. */
  toKeep(): { folder: string; name: string; bytes: Uint8Array } | undefined
}

/** Where the code of a chunk is in a file of kept code. */
type Parts = Record<string, [offset: number, length: number]>

/**
 * The code that V8 compiled for this command, if an earlier run kept it; what this run compiles can be kept
 * for the next one. V8 does not check such code but runs it: it must be in a file of this user's that nobody
 * else may write, with its checksum. Without a command there is none, nor if Node is told to keep none.
 */
export function keptCode(): KeptCode | undefined {
  const command = commandOf(process.argv)
  if (command === undefined || process.env.NODE_DISABLE_COMPILE_CACHE) return undefined
  const folder = path.join(dataFolder(), 'code')
  const name = `${PLACES.build}-${process.version}-${process.arch}-${command}`
  const { parts, bytes } = kept(path.join(folder, name))
  const scripts = new Map<string, Script>()
  return {
    toKeep: () => (scripts.size > 0 ? { folder, name, bytes: packed(parts, bytes, scripts) } : undefined),
    kept: (chunk) => {
      const [offset, length] = parts[chunk] ?? []
      return offset === undefined ? undefined : bytes.subarray(offset, offset + (length ?? 0))
    },
    compiled: (chunk, script, isKept) => {
      if (!isKept) scripts.set(chunk, script)
    },
  }
}

/** The command, or the name of a program that has one; undefined where nothing looks like it. */
function commandOf([, program = '', command = '']: string[]): string | undefined {
  return [command, path.basename(program, '.js')].find((word) => /^[a-z][a-z-]{1,30}$/.test(word))
}

function kept(file: string): { parts: Parts; bytes: Buffer } {
  const bytes = ownFile(file)
  if (bytes === undefined || !bytes.subarray(0, SUM_BYTES).equals(sumOf(bytes.subarray(SUM_BYTES))))
    return { parts: {}, bytes: Buffer.alloc(0) }
  const begin = SUM_BYTES + LENGTH_BYTES
  const end = begin + bytes.readUInt32LE(SUM_BYTES)
  return { parts: JSON.parse(bytes.toString('latin1', begin, end)), bytes: bytes.subarray(end) }
}

/**
 * The bytes of a file that belongs to this user and that nobody else may write; undefined if there is none.
 */
function ownFile(name: string): Buffer | undefined {
  try {
    const file = openSync(name, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const facts = fstatSync(file)
      const { uid, mode } = facts
      const isOwn = process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0)
      return isOwn && facts.isFile() ? readFileSync(file) : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}

function packed(before: Parts, bytes: Buffer, scripts: Map<string, Script>): Buffer {
  const codes = new Map(
    Object.entries(before).map(([chunk, [offset, length]]) => [
      chunk,
      bytes.subarray(offset, offset + length),
    ]),
  )
  for (const [chunk, script] of scripts) codes.set(chunk, script.createCachedData())
  let at = 0
  const parts: Parts = {}
  for (const [chunk, { length }] of codes) {
    parts[chunk] = [at, length]
    at += length
  }
  const head = Buffer.from(JSON.stringify(parts), 'latin1')
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(head.length)
  const body = Buffer.concat([length, head, ...codes.values()])
  return Buffer.concat([sumOf(body), body])
}

function sumOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
