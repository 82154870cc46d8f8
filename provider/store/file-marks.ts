import { lstat } from 'node:fs/promises'

/**
 * Size, times and inode number of a file as one text. Writing to the file, or replacing it, changes the text:
 * only the system sets the change time.
 */
export type Marks = string

const MARKS = /^\d+ \d+ \d+ \d+$/

/** The clock that gives files their times advances in ticks; FAT counts in steps of two seconds. */
const TICK_MS = 20
const COARSE_TICK_MS = 2500
const MINUTE_MS = 60_000

/**
 * A modification time for a complete file: any later write gives it another one, even within the same tick.
 */
export function beforeNow(): Date {
  return new Date(Date.now() - MINUTE_MS)
}

/** Undefined if there is no regular file; a link is not one. */
export async function marksOf(file: string): Promise<Marks | undefined> {
  const stats = await lstat(file, { bigint: true }).catch(() => undefined)
  if (!stats?.isFile()) return undefined
  const { size, mtimeNs, ctimeNs, ino } = stats
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`
}

export function isMarks(value: unknown): value is Marks {
  return typeof value === 'string' && MARKS.test(value)
}

/** In bytes. */
export function sizeIn(marks: Marks): number {
  return Number(marks.split(' ')[0])
}

/** Whether enough time has passed since it was written for the next change to be noticed. */
export function isSettled(marks: Marks): boolean {
  const mtime = BigInt(marks.split(' ')[1] ?? 0)
  const tick = mtime % 1_000_000n === 0n ? COARSE_TICK_MS : TICK_MS
  return Date.now() - Number(mtime / 1_000_000n) > tick
}
