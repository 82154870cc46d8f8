import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import type { Measured, Result } from './result.js'
import { keepRows } from './rows.js'

export interface Contender {
  title: string
  /** Undoes the last run. */
  before?: () => void
  command: string[]
  /** What is measured is how soon it ends, whatever the result. */
  mayFail?: boolean
}

/**
 * Runs the contenders in turn, first `warmUps` times without measuring and then the given number of times.
 * @throws if one ends with an error
 */
export async function runInTurn(contenders: Contender[], runs: number, warmUps: number): Promise<Result[]> {
  const results = contenders.map(({ title }): Result => ({ title, runs: [] }))
  for (let round = 0; round < warmUps + runs; round++)
    for (const [i, contender] of contenders.entries()) {
      contender.before?.()
      const measured = await measure(contender.command, contender.mayFail)
      if (round >= warmUps) results[i]?.runs.push(measured)
    }
  return results
}

/**
 * Prints medians with the lowest and the highest, and how the first contender compares with the others, and keeps the
 * comparison.
 */
export function printResults(title: string, results: readonly Result[]): void {
  keepRows(title, results)
  console.log(`\n${title}`)
  const ours = medianOf(results[0], 'seconds')
  for (const [i, result] of results.entries()) {
    const seconds = result.runs.map((run) => run.seconds)
    const peak = peakOf(result)
    const line = `  ${result.title.padEnd(32)} ${median(seconds).toFixed(3)} s (${Math.min(...seconds).toFixed(3)} to ${Math.max(...seconds).toFixed(3)})`
    const processor = medianOf(result, 'processor')
    const work = processor > 0 ? `  CPU ${processor.toFixed(2)} s` : ''
    const ratio = i === 0 ? '' : `  ours/this ${(ours / median(seconds)).toFixed(2)}`
    console.log(`${line}${work}${peak > 0 ? `  ${(peak / 1e6).toFixed(0)} MB` : ''}${ratio}`)
  }
}

export function medianOf(result: Result | undefined, key: keyof Measured): number {
  return median(result?.runs.map((run) => run[key]) ?? [])
}

/** The highest peak of all runs. */
export function peakOf(result: Result | undefined): number {
  return Math.max(0, ...(result?.runs.map((run) => run.peak) ?? []))
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** What the figures depend on: the machine, its load, the versions of the peers. */
export function printMachine(versions: string[]): void {
  console.log(`Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? ''}`)
  if (versions.length > 0) console.log(versions.join('; '))
  printLoad()
}

/** The work of other programs affects the figures. */
export function printLoad(): void {
  console.log(`load ${(os.loadavg()[0] ?? 0).toFixed(1)}`)
}

export function remove(place: string): void {
  rmSync(place, { recursive: true, force: true })
}

export function mustRun([command = '', ...args]: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`)
}

/** The value of `--name` among the arguments. */
export function optionIn(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? undefined : args[at + 1]
}

/**
 * Runs one command to its end.
 * @throws if it ends with an error
 */
export function measure([command = '', ...args]: string[], mayFail = false): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint()
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const before = childrenTime()
    let peak = 0
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const watch = setInterval(() => {
      peak = Math.max(peak, highWater(child.pid))
    }, 10)
    child.on('error', reject)
    child.on('exit', (code) => {
      clearInterval(watch)
      const seconds = Number(process.hrtime.bigint() - began) / 1e9
      const processor = childrenTime() - before
      if (code === 0 || mayFail) resolve({ seconds, processor, peak })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors}`))
    })
  })
}

/** The high-water mark that the kernel keeps for a living process (proc(5), VmHWM). */
function highWater(pid: number | undefined): number {
  const found = /VmHWM:\s*(\d+) kB/.exec(procFile(pid, 'status'))
  return Number(found?.[1] ?? 0) * 1024
}

/**
 * What was used by all processes that this one has started and that have ended, and by those that they waited for:
 * fields 16 and 17, in hundredths of a second (proc(5), stat); the name before them may contain blanks.
 */
function childrenTime(): number {
  const text = procFile(process.pid, 'stat')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / 100
}

function procFile(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}
