import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ContainerImageError } from '../manifests/index.js'
import { openWim, verifyWim } from '../provider/formats/wim/index.js'
import { metadataOf, seal, smallWims } from '../test/provider/formats/wim/small-wims.js'
import { generator } from './random.js'

/** What an input may at most take: the machine may be busy, a hang takes for ever. */
const MAX_MILLISECONDS = 10_000
const MAX_GROWTH = 256 << 20

export interface FuzzReport {
  seed: number
  inputs: number
  /** How many were read without a complaint, refused while opened, or found damaged. */
  sound: number
  refused: number
  damaged: number
  slowestMilliseconds: number
  growthBytes: number
  /** Inputs that broke the rules, by which seed and number they are made again. */
  findings: { input: number; kind: string; what: string; file: string }[]
}

/**
 * Changes small WIMs of every kind for a time and reads each: all that may happen is that it is read, or
 * that an error of this program says what is wrong. The same seed gives the same inputs.
 */
export async function fuzzWim(seconds: number, seed: number): Promise<FuzzReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-fuzz-'))
  const report: FuzzReport = {
    ...{ seed, inputs: 0, sound: 0, refused: 0, damaged: 0, slowestMilliseconds: 0, growthBytes: 0 },
    findings: [],
  }
  const wims = [...(await smallWims(folder))]
  const random = generator(seed)
  const end = performance.now() + seconds * 1000
  let calm = 0
  while (performance.now() < end) {
    const input = report.inputs++
    const [kind, originals] = wims[Math.floor(random() * wims.length)] ?? ['', []]
    const files = originals.map((bytes): Buffer => Buffer.from(bytes))
    const changed = Math.floor(random() * files.length)
    files[changed] = mutate(files[changed] ?? Buffer.alloc(0), kind, random)
    const paths = files.map((_, i) => path.join(folder, `input${i + 1}.wim`))
    for (const [i, bytes] of files.entries()) await writeFile(paths[i] ?? '', bytes)
    const start = performance.now()
    const trouble = await judge(paths, report)
    const took = performance.now() - start
    report.slowestMilliseconds = Math.max(report.slowestMilliseconds, Math.round(took))
    const what = trouble ?? (took > MAX_MILLISECONDS ? `it took ${Math.round(took)} ms` : undefined)
    if (what !== undefined) {
      const kept = path.join(os.tmpdir(), `fuzz-wim-${seed}-${input}.wim`)
      await writeFile(kept, files[changed] ?? '')
      report.findings.push({ input, kind, what, file: kept })
    }
    // What the first inputs need, compiled code above all, is no growth.
    if (input === 200) calm = process.memoryUsage.rss()
    if (calm > 0) report.growthBytes = Math.max(report.growthBytes, process.memoryUsage.rss() - calm)
  }
  if (report.growthBytes > MAX_GROWTH)
    report.findings.push({
      input: report.inputs,
      kind: 'all',
      what: `memory grew by ${report.growthBytes}`,
      file: '',
    })
  rmSync(folder, { recursive: true, force: true })
  return report
}

async function judge(paths: string[], report: FuzzReport): Promise<string | undefined> {
  try {
    const wim = await openWim(paths)
    try {
      const { problems } = await verifyWim(wim, { workers: 0 })
      if (problems.length > 0) report.damaged++
      else report.sound++
    } finally {
      await wim.close()
    }
  } catch (error) {
    if (!(error instanceof ContainerImageError) || error.code === 'UNEXPECTED') return String(error)
    report.refused++
  }
  return undefined
}

const NUMBERS = [0, 1, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** One to six changes; those of trees that are not compressed are given a right hash, most of the time. */
function mutate(bytes: Buffer, kind: string, random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  const inTree = kind === 'none' && random() < 0.7
  let area = inTree ? metadataOf(bytes) : bytes
  const structures = !inTree && random() < 0.5
  if (structures) area = structureOf(bytes, random)
  for (let left = 1 + below(6); left > 0 && area.length > 8; left--) {
    const at = below(area.length - 8)
    const pick = NUMBERS[below(NUMBERS.length)] ?? 0
    switch (below(7)) {
      case 0:
        area[at] = (area[at] ?? 0) ^ (1 << below(8))
        break
      case 1:
        area[at] = below(256)
        break
      case 2:
        area.writeUInt16LE(pick & 0xffff, at)
        break
      case 3:
        area.writeUInt32LE(pick, at)
        break
      case 4:
        area.writeBigUInt64LE(BigInt(pick) << BigInt(below(33)), at & ~7)
        break
      case 5:
        area.copy(area, at, below(area.length), below(area.length))
        break
      case 6:
        area.fill(below(2) * 255, at, Math.min(area.length, at + below(40)))
        break
    }
  }
  if (inTree) return random() < 0.9 ? seal(bytes) : bytes
  return random() < 0.05 ? bytes.subarray(0, below(bytes.length)) : bytes
}

/** The header, the lookup table, the XML data, or the start of a resource. */
function structureOf(bytes: Buffer, random: () => number): Buffer {
  const header = bytes.toString('latin1', 0, 5) === 'WLPWM' ? bytes.length - 208 : 0
  const field = [0x30, 0x48, 0x7c][Math.floor(random() * 6)]
  if (field === undefined) return bytes.subarray(header, header + 208)
  const start = Number(bytes.readBigUInt64LE(header + field + 8))
  const table = bytes.subarray(start, start + bytes.readUIntLE(header + field, 6))
  if (field !== 0x30 || random() < 0.5) return table
  const entry = 50 * Math.floor(random() * Math.floor(table.length / 50))
  const resource = Number(table.readBigUInt64LE(entry + 8))
  return bytes.subarray(resource, resource + 64)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seconds = '60', seed = '1'] = process.argv.slice(2)
  const report = await fuzzWim(Number(seconds), Number(seed))
  console.log(JSON.stringify(report, undefined, 2))
  process.exitCode = report.findings.length > 0 ? 1 : 0
}
