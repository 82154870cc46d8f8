import { stat } from 'node:fs/promises'
import { readHead } from '../../archives/members/compression.js'
import { isWim } from '../wim/read/header.js'

/** Whether a path is a file that begins as a WIM does, or a part of one. */
export async function isWimFile(file: string): Promise<boolean> {
  const facts = await stat(file).catch(() => undefined)
  if (!facts?.isFile()) return false
  return isWim(await readHead(file, 8).catch(() => new Uint8Array(0)))
}

const PART_NUMBER = 0x28

/** Whether a file is a part of a split WIM other than the first. */
export async function isLaterPart(file: string): Promise<boolean> {
  if (!(await isWimFile(file))) return false
  const head = Buffer.from(await readHead(file, PART_NUMBER + 2))
  return head.length === PART_NUMBER + 2 && head.readUInt16LE(PART_NUMBER) > 1
}

/** Of which split WIM a file is a part, by the GUID that all of them have; undefined for any other file. */
export async function splitWimOf(file: string): Promise<string | undefined> {
  if (!(await isWimFile(file))) return undefined
  const { openPart } = await import('../wim/read/part.js')
  const part = await openPart(file)
  await part.handle.close()
  return part.header.parts > 1 ? part.header.guid : undefined
}
