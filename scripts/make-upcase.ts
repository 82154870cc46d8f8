import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** UTF-16 units, each of which is as far from its upper case as the others in its run. */
export interface UpcaseRun {
  start: number
  count: number
  /** 2 if lower-case and upper-case letters alternate. */
  step: 1 | 2
  delta: number
}

/** The file $UpCase of a volume that mkntfs has made: the upper case of each UTF-16 unit, 128 KiB. */
export function upcaseOfNewVolume(): Uint16Array {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-upcase-'))
  try {
    const volume = path.join(folder, 'volume')
    writeFileSync(volume, '')
    truncateSync(volume, 8 << 20)
    const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
    execFileSync('mkntfs', ['-F', '-Q', '-q', volume], { env: environment, stdio: 'ignore' })
    // $UpCase is the tenth record in every volume's file table.
    const bytes = execFileSync('ntfscat', ['-f', volume, '-i', '10'], { maxBuffer: 1 << 20, stdio: 'pipe' })
    return Uint16Array.from({ length: 0x10000 }, (_, unit) => bytes.readUInt16LE(2 * unit))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The table in as few runs as a single pass finds. */
export function upcaseRuns(table: Uint16Array): UpcaseRun[] {
  const runs: UpcaseRun[] = []
  for (let unit = 0; unit < table.length; unit++) {
    if (table[unit] === unit) continue
    const [dense, sparse] = ([1, 2] as const).map((step) => runFrom(table, unit, step))
    const run = (dense as UpcaseRun).count >= (sparse as UpcaseRun).count ? dense : sparse
    runs.push(run as UpcaseRun)
    unit += ((run as UpcaseRun).count - 1) * (run as UpcaseRun).step
  }
  return runs
}

function runFrom(table: Uint16Array, start: number, step: 1 | 2): UpcaseRun {
  const delta = (table[start] ?? 0) - start
  let count = 0
  for (let unit = start; (table[unit] ?? unit) - unit === delta; unit += step) {
    if (step === 2 && count > 0 && table[unit - 1] !== unit - 1) break
    count++
  }
  return { start, count, step, delta }
}

function moduleText(runs: readonly UpcaseRun[]): string {
  const numbers = runs.map(({ start, count, step, delta }) => `${start},${count},${step},${delta}`)
  const lines: string[] = []
  for (const one of numbers) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + one.length < 90) lines[lines.length - 1] = `${last} ${one}`
    else lines.push(one)
  }
  return [
    '// Made by scripts/make-upcase.ts of the $UpCase that mkntfs writes; not to be changed by hand.',
    '',
    '/** Start, count, step and distance of each run of units that have an upper case. */',
    'export const UPCASE_RUNS =',
    ...lines.map(
      (line, i) => `  '${line}${i < lines.length - 1 ? ' ' : ''}'${i < lines.length - 1 ? ' +' : ''}`,
    ),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = fileURLToPath(new URL('../../provider/formats/wim/read/upcase-table.ts', import.meta.url))
  writeFileSync(target, moduleText(upcaseRuns(upcaseOfNewVolume())))
}
