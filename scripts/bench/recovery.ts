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
import { peer } from '../../test/peers/peers.js'
import { measure, printResults } from './measure.js'
import type { Result } from './result.js'

/**
 * Measures recovery files alongside par2, in turn, on the same files: ten with random bytes, one of which gets lost.
 * `--memory DIR` chooses where, `--size BYTES`, `--percent N` and `--runs N` how much.
 */
const measured = fileURLToPath(new URL('./recovery-program.js', import.meta.url))
const FILES = 10
export async function run(): Promise<void> {
  const size = Number(valuesOf('size')[0] ?? 1e9)
  const runs = Number(valuesOf('runs')[0] ?? 3)
  const memory = valuesOf('memory')[0] ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const percents = valuesOf('percent').map(Number)
  const folder = mkdtempSync(path.join(memory, 'containerimage-recovery-'))
  try {
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
  // Not in the same folder: both would recognise it as the lost file under another name.
  const kept = `${folder}.kept`
  const peerProgram = peer('par2') ?? 'par2'
  const ours = (what: string): string[] => [process.execPath, measured, what, folder, String(percent)]
  const contenders = [
    { create: ours('create'), repair: ours('repair') },
    {
      create: [peerProgram, 'create', '-q', '-q', `-r${percent}`, index, ...files],
      repair: [peerProgram, 'repair', '-q', '-q', index],
    },
  ]
  const results = (): Result[] => [
    { title: 'ours', runs: [] },
    { title: 'par2', runs: [] },
  ]
  const found = { create: results(), repair: results() }
  for (let round = 0; round < runs; round++)
    for (const [i, contender] of contenders.entries()) {
      for (const name of readdirSync(folder)) if (name.endsWith('.par2')) rmSync(path.join(folder, name))
      found.create[i]?.runs.push(await measure(contender.create))
      renameSync(lost, kept)
      found.repair[i]?.runs.push(await measure(contender.repair))
      if (!readFileSync(lost).equals(readFileSync(kept))) throw new Error('the file was not repaired')
      rmSync(kept)
    }
  for (const what of ['create', 'repair'] as const) printResults(`${what}, ${percent} %`, found[what])
}
