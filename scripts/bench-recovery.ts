import { spawn, spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRecovery, repair } from '../provider/recovery/index.js'
import { peer } from '../test/peers/peers.js'

/**
 * Measures recovery files beside par2, in turn, on the same files: ten with random bytes, of which one gets
 * lost. `--memory DIR` chooses where, `--size BYTES`, `--percent N` and `--runs N` how much. With `--do` it is
 * the measured program itself.
 */
const self = fileURLToPath(import.meta.url)
const FILES = 10
const [task, place = '', percent = ''] = valuesOf('do')

if (task === 'create') await create(place, Number(percent))
else if (task === 'repair') await repair(path.join(place, 'set.par2'))
else await main()

interface Measured {
  seconds: number
  /** Of all threads, in the program and in the system. */
  processorSeconds: number
  /** Peak of resident memory, in bytes. */
  peak: number
}

async function create(folder: string, percent: number): Promise<void> {
  await createRecovery({ files: names(), folder, base: 'set', redundancy: percent / 100 })
}

async function main(): Promise<void> {
  const size = Number(valuesOf('size')[0] ?? 1e9)
  const runs = Number(valuesOf('runs')[0] ?? 3)
  const memory = valuesOf('memory')[0] ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const percents = valuesOf('percent').map(Number)
  const folder = mkdtempSync(path.join(memory, 'containerimage-recovery-'))
  try {
    const version = spawnSync('par2', ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'absent'
    console.log(
      `Node ${process.version}, ${os.cpus().length} cores, ${os.cpus()[0]?.model ?? ''}; ${version}`,
    )
    for (const name of names()) fill(path.join(folder, name), size / FILES)
    for (const percent of percents.length > 0 ? percents : [10, 20]) await compare(folder, percent, runs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function valuesOf(name: string): string[] {
  const at = process.argv.indexOf(`--${name}`)
  if (at < 0) return []
  const rest = process.argv.slice(at + 1)
  const end = rest.findIndex((one) => one.startsWith('--'))
  return end < 0 ? rest : rest.slice(0, end)
}

function names(): string[] {
  return Array.from({ length: FILES }, (_, i) => `file${i}.bin`)
}

function fill(file: string, size: number): void {
  const fd = openSync(file, 'w')
  const buffer = Buffer.alloc(1 << 20)
  for (let left = size; left > 0; left -= buffer.length)
    writeSync(fd, randomFillSync(buffer), 0, Math.min(left, buffer.length))
  closeSync(fd)
}

async function compare(folder: string, percent: number, runs: number): Promise<void> {
  const index = path.join(folder, 'set.par2')
  const files = names().map((name) => path.join(folder, name))
  const lost = files[0] ?? ''
  // Not in the same folder: either would find that it is the lost file under another name.
  const kept = `${folder}.kept`
  const peerProgram = peer('par2') ?? 'par2'
  const ours = (what: string): string[] => [process.execPath, self, '--do', what, folder, String(percent)]
  const contenders = [
    { create: ours('create'), repair: ours('repair') },
    {
      create: [peerProgram, 'create', '-q', '-q', `-r${percent}`, index, ...files],
      repair: [peerProgram, 'repair', '-q', '-q', index],
    },
  ]
  const measured: Record<'create' | 'repair', Measured[][]> = { create: [[], []], repair: [[], []] }
  for (let round = 0; round < runs; round++)
    for (const [i, contender] of contenders.entries()) {
      for (const name of readdirSync(folder)) if (name.endsWith('.par2')) rmSync(path.join(folder, name))
      measured.create[i]?.push(await measure(contender.create))
      renameSync(lost, kept)
      measured.repair[i]?.push(await measure(contender.repair))
      if (!readFileSync(lost).equals(readFileSync(kept))) throw new Error('the file was not repaired')
      rmSync(kept)
    }
  for (const what of ['create', 'repair'] as const) {
    console.log(`\n${what}, ${percent} %`)
    const [one, other] = measured[what]
    print('ours', one ?? [])
    print('par2', other ?? [])
    const ratio = (of: (run: Measured) => number): string =>
      (median((one ?? []).map(of)) / median((other ?? []).map(of))).toFixed(2)
    console.log(
      `  ours/par2 ${ratio(({ seconds }) => seconds)}, processor ${ratio((run) => run.processorSeconds)}`,
    )
  }
}

function print(title: string, runs: Measured[]): void {
  const seconds = runs.map((run) => run.seconds)
  const processor = median(runs.map((run) => run.processorSeconds))
  const peak = Math.max(...runs.map((run) => run.peak))
  const range = `${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)}`
  console.log(
    `  ${title}  ${median(seconds).toFixed(1)} s (${range})  processor ${processor.toFixed(1)} s  ${(peak / 1e6).toFixed(0)} MB`,
  )
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Runs a command under a shell that tells its processor time; its memory is asked of the system meanwhile. */
function measure(command: string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const began = process.hrtime.bigint()
    const script = '"$@" >/dev/null; status=$?; times; exit $status'
    const child = spawn('sh', ['-c', script, 'sh', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [peak, times, errors] = [0, '', '']
    child.stdout.on('data', (chunk) => {
      times += chunk
    })
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOfChild(child.pid))
    }, 20)
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(watch)
      const seconds = Number(process.hrtime.bigint() - began) / 1e9
      if (code === 0) resolve({ seconds, processorSeconds: processorSeconds(times), peak })
      else reject(new Error(`${command.join(' ')} ended with ${code}: ${errors}`))
    })
  })
}

/** The second line of `times` is about the children: `0m1.23s 0m0.45s`. */
function processorSeconds(times: string): number {
  const parts =
    times
      .trim()
      .split('\n')[1]
      ?.matchAll(/(\d+)m([\d.]+)s/g) ?? []
  return [...parts].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

/** The high-water mark that the kernel keeps of a living process (proc(5), VmHWM). */
function peakOfChild(shell: number | undefined): number {
  try {
    const child = readFileSync(`/proc/${shell}/task/${shell}/children`, 'latin1').trim()
    const status = readFileSync(`/proc/${child}/status`, 'latin1')
    return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
