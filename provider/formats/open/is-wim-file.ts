import { stat } from 'node:fs/promises'
import { readHead } from '../../archives/members/compression.js'
import { isWim } from '../wim/read/header.js'

/** Whether a path is a file that begins as a WIM does, or a part of one. */
export async function isWimFile(file: string): Promise<boolean> {
  const facts = await stat(file).catch(() => undefined)
  if (!facts?.isFile()) return false
  return isWim(await readHead(file, 8).catch(() => new Uint8Array(0)))
}

const GUID = 0x18
const PART_NUMBER = 0x28
const PART_COUNT = 0x2a

/** For a part of a split WIM: its number, and what all parts of its set have in common. */
export async function partOf(file: string): Promise<{ number: number; set: string } | undefined> {
  if (!(await isWimFile(file))) return undefined
  const head = Buffer.from(await readHead(file, PART_COUNT + 2))
  const count = head.length === PART_COUNT + 2 ? head.readUInt16LE(PART_COUNT) : 1
  if (count < 2) return undefined
  return {
    number: head.readUInt16LE(PART_NUMBER),
    set: `${head.toString('hex', GUID, PART_NUMBER)} ${count}`,
  }
}

/** Whether a file is a part of a split WIM other than the first. */
export async function isLaterPart(file: string): Promise<boolean> {
  return ((await partOf(file))?.number ?? 1) > 1
}
