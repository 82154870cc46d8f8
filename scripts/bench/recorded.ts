import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import type { Ratio, Row } from './rows.js'

/** What an earlier run of one bench gave, and on which machine. */
interface Recorded {
  date: string
  machine: string
  load: string
  rows: Record<string, Row>
}

const FILE = 'scripts/bench/recorded.json'

/** One figure that has changed. */
export interface Moved {
  row: string
  what: 'clock' | 'processor time' | 'memory'
  isSlower: boolean
  before: Ratio
  now: Ratio
}

/** The benches that have rows to compare with. */
export function recordedBenches(): string[] {
  return Object.keys(read())
}

/** Keeps the rows of a run, in place of the bench's older rows with the same names. */
export function record(bench: string, rows: ReadonlyMap<string, Row>): void {
  const all = read()
  const one: Recorded = {
    date: new Date().toISOString().slice(0, 10),
    machine: `Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? ''}`,
    load: (os.loadavg()[0] ?? 0).toFixed(1),
    rows: { ...all[bench]?.rows, ...Object.fromEntries(rows) },
  }
  writeFileSync(FILE, `${JSON.stringify({ ...all, [bench]: one }, undefined, 2)}\n`)
}

/**
 * Prints which rows moved by more than noise.
 * @returns whether one became slower
 */
export function check(bench: string, rows: ReadonlyMap<string, Row>): boolean {
  const recorded = read()[bench]
  if (!recorded) {
    console.log(`\n${bench}: nothing is recorded to compare with; --record does that`)
    return false
  }
  const both = Object.entries(recorded.rows).filter(([name]) => rows.has(name))
  const moved = movedRows(recorded.rows, rows)
  console.log(`\n${bench}, compared with ${recorded.date} (${recorded.machine}, load ${recorded.load})`)
  for (const { row, what, isSlower, before, now } of moved)
    console.log(
      `  ${isSlower ? 'slower' : 'faster'}  ${row}: ${what} ${inWords(before)}, now ${inWords(now)}`,
    )
  const names = new Set(moved.map(({ row }) => row))
  console.log(`  ${both.length - names.size} of ${both.length} rows within noise`)
  for (const name of rows.keys()) if (!(name in recorded.rows)) console.log(`  new     ${name}`)
  return moved.some(({ isSlower }) => isSlower)
}

/**
 * Noise is the spread of the pairs within one run: a row has moved if the median of each run is outside all pairs of
 * the other, on the same side.
 */
export function movedRows(before: Readonly<Record<string, Row>>, now: ReadonlyMap<string, Row>): Moved[] {
  return Object.entries(before).flatMap(([row, old]) => {
    const one = now.get(row)
    if (!one) return []
    return [
      moved(row, 'clock', old.seconds, one.seconds),
      moved(row, 'processor time', old.processor, one.processor),
      moved(row, 'memory', old.memory, one.memory),
    ].filter((found) => found !== undefined)
  })
}

function moved(
  row: string,
  what: Moved['what'],
  before: Ratio | undefined,
  now: Ratio | undefined,
): Moved | undefined {
  if (!before || !now) return undefined
  const isSlower = now.median > before.greatest && before.median < now.least
  const isFaster = now.median < before.least && before.median > now.greatest
  return isSlower || isFaster ? { row, what, isSlower, before, now } : undefined
}

function inWords({ least, median, greatest }: Ratio): string {
  return `${median.toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`
}

function read(): Record<string, Recorded> {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
}
