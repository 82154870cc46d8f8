import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { ContainerImageError, digestOf } from '../manifests/index.js'
import { joinDelta } from '../provider/delta/blocks/index.js'
import { compileKernel } from '../provider/delta/blocks/kernel/compile.js'
import { Kernel } from '../provider/delta/blocks/kernel/kernel.js'
import { Repacking } from '../provider/delta/blocks/repacking.js'
import { UNPACK_MEMORY, unpackRange } from '../provider/delta/blocks/unpack-job.js'
import { Trouble } from '../provider/io/threads/trouble.js'
import { Seeded } from '../test/manifests/seeded.js'
import { asFile, deltaBytes, documentOf, segmentsOf } from '../test/provider/delta/blocks/delta-builder.js'
import {
  cut,
  edited,
  layerIn,
  type SampleLayer,
  sampleFiles,
  tarOf,
} from '../test/provider/delta/blocks/layers.js'

export interface FuzzReport {
  seed: number
  inputs: number
  sound: number
  refused: number
  /** gzip files that were changed, and of those the ones that became tokens and came back. */
  gzips: number
  repacked: number
  slowestMilliseconds: number
  /** How much the memory of the process grew after the first inputs, with what nobody holds any more. */
  peakBytes: number
  /** The same without that. */
  growthBytes: number
  findings: { input: number; kind: string; what: string; file: string }[]
}

/** An input of a megabyte that takes longer is a finding; other work on the machine may slow it down. */
const MAX_MILLISECONDS = 20_000
const MODULE = compileKernel()
const MAX_GROWTH = 100 * 1024 * 1024
/** So many inputs lie between two looks at the memory that is held. */
const LOOK_INPUTS = 50

interface Original {
  kind: string
  layer: SampleLayer
  base: SampleLayer
  delta: Buffer
}

/**
 * Changes deltas and their bases for some time and joins them: all that may happen is that the layer comes back, or
 * that an error of this program says what is wrong, and nothing else is left. The same seed gives the same inputs.
 */
async function fuzzDelta(seconds: number, seed: number): Promise<FuzzReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-fuzz-'))
  const report: FuzzReport = {
    ...{
      seed,
      inputs: 0,
      sound: 0,
      refused: 0,
      gzips: 0,
      repacked: 0,
      slowestMilliseconds: 0,
      peakBytes: 0,
      growthBytes: 0,
    },
    findings: [],
  }
  const originals = await originalsIn(folder)
  const random = new Seeded(seed)
  const end = performance.now() + seconds * 1000
  const collect = collector()
  let calm = 0
  while (performance.now() < end) {
    const input = report.inputs++
    const original = random.oneOf(originals)
    const { bytes, base } = changed(original, folder, random)
    const start = performance.now()
    const trouble = await judge(original, bytes, base, folder, report)
    const gzip = repacking(originals, folder, random, report)
    if (gzip) report.findings.push({ input, kind: 'repacking', ...gzip })
    const took = Math.round(performance.now() - start)
    report.slowestMilliseconds = Math.max(report.slowestMilliseconds, took)
    const what = trouble ?? (took > MAX_MILLISECONDS ? `it took ${took} ms` : undefined)
    if (what !== undefined) {
      const file = path.join(os.tmpdir(), `fuzz-delta-${seed}-${input}`)
      await writeFile(file, bytes)
      report.findings.push({ input, kind: original.kind, what, file })
    }
    if (calm > 0) report.peakBytes = Math.max(report.peakBytes, process.memoryUsage.rss() - calm)
    if (report.inputs % LOOK_INPUTS > 0) continue
    // Each input has kernels of its own. Their memory is not Node's, and so nothing makes it collect them soon.
    collect()
    // What the first inputs need, compiled code above all, is no growth.
    if (calm === 0) calm = process.memoryUsage.rss()
    report.growthBytes = Math.max(report.growthBytes, process.memoryUsage.rss() - calm)
  }
  if (report.growthBytes > MAX_GROWTH)
    report.findings.push({
      ...{ input: report.inputs, kind: 'all', file: '' },
      what: `memory grew by ${report.growthBytes}`,
    })
  rmSync(folder, { recursive: true, force: true })
  return report
}

/** Node's own, which it does not offer unless it is asked to. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

async function originalsIn(folder: string): Promise<Original[]> {
  const originals: Original[] = []
  for (const [kind, pack] of Object.entries({
    tar: (tar: Buffer) => tar,
    gzip: (tar: Buffer) => gzipSync(tar),
  })) {
    const before = sampleFiles(7, 25)
    const base = layerIn(folder, `${kind}.old`, pack(tarOf(before)))
    const layer = layerIn(folder, `${kind}.new`, pack(tarOf(edited(before, 7))))
    const { bytes, file } = await cut(layer, [base], { scratch: folder })
    rmSync(file.path)
    originals.push({ kind, layer, base, delta: bytes })
  }
  return originals
}

/** The delta as a whole, its document, what its segments hold, or the layer that it needs. */
function changed(original: Original, folder: string, random: Seeded): { bytes: Buffer; base: SampleLayer } {
  const { delta, base } = original
  switch (random.below(5)) {
    case 0:
      return { bytes: mutated(delta, random), base }
    case 1: {
      const start = 12 + delta.readUInt32LE(8)
      const head = mutated(delta.subarray(12, start), random).toString('latin1')
      return { bytes: deltaBytes({ document: head, end: delta.subarray(start) }), base }
    }
    case 2: {
      const bytes = mutated(base.bytes, random)
      const { range } = layerIn(folder, 'changed.old', bytes, bytes)
      return { bytes: delta, base: { ...base, range } }
    }
    default: {
      const segments = segmentsOf(delta).map(({ operations, literals }) => {
        const inLiterals = random.below(2) === 0
        return {
          operations: numbersOf(inLiterals ? operations : mutated(operations, random)),
          literals: inLiterals ? mutated(literals, random) : literals,
        }
      })
      return { bytes: deltaBytes({ document: documentOf(delta), segments }), base }
    }
  }
}

/** Bytes as numbers that are written as the same bytes, but for the last. */
function numbersOf(bytes: Buffer): bigint[] {
  const numbers: bigint[] = []
  let value = 0n
  let shift = 0n
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte & 128) continue
    numbers.push(value)
    value = 0n
    shift = 0n
  }
  return shift > 0n ? [...numbers, value] : numbers
}

function mutated(original: Buffer, random: Seeded): Buffer {
  const bytes = Buffer.from(original)
  if (bytes.length < 16) return bytes
  for (let left = 1 + random.below(5); left > 0; left--) {
    const at = random.below(bytes.length - 8)
    switch (random.below(6)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes.writeUInt32LE(random.oneOf([0, 1, 0x7f, 0xffff, 0x7fffffff, 0xffffffff]), at)
        break
      case 3:
        bytes.copy(bytes, at, random.below(bytes.length), random.below(bytes.length))
        break
      case 4:
        bytes.fill(random.below(2) * 255, at, Math.min(bytes.length, at + random.below(40)))
        break
      case 5:
        if (random.below(4) === 0) return bytes.subarray(0, at)
        break
    }
  }
  return bytes
}

/** Whatever becomes tokens must come back as it was. */
function repacking(
  originals: Original[],
  folder: string,
  random: Seeded,
  report: FuzzReport,
): { what: string; file: string } | undefined {
  const original = originals.find(({ kind }) => kind === 'gzip')
  const bytes = mutated(original?.base.bytes ?? Buffer.alloc(0), random)
  const file = asFile(path.join(folder, 'input.gz'), bytes)
  const check = new Repacking(MODULE, { size: bytes.length, algorithm: 'sha256' })
  const kernel = new Kernel(MODULE, UNPACK_MEMORY)
  report.gzips++
  let found = ''
  try {
    unpackRange(kernel, file, (at, size) => check.take(kernel.bytes.subarray(at, at + size)))
    found = `sha256:${check.end().hex}`
  } catch (error) {
    // Nothing but a refusal of the gzip: tokens that were made are whole.
    if (error instanceof Trouble && /^ARCHIVE_/.test(error.code)) return undefined
    found = String(error)
  }
  report.repacked++
  if (found === digestOf(bytes)) return undefined
  const kept = path.join(os.tmpdir(), `fuzz-delta-${report.seed}-${report.gzips}.gz`)
  asFile(kept, bytes)
  return { what: `it came back as ${found}`, file: kept }
}

async function judge(
  { layer }: Original,
  bytes: Buffer,
  base: SampleLayer,
  folder: string,
  report: FuzzReport,
): Promise<string | undefined> {
  const before = readdirSync(folder)
  const delta = asFile(path.join(folder, 'input'), bytes)
  try {
    const { file, delta: document } = await joinDelta(delta, [base], { scratch: folder })
    rmSync(file.path)
    // Whoever asked for the layer compares the document with it.
    if (document.layer.digest === layer.digest && file.size !== layer.bytes.length) return 'another layer'
    report.sound++
  } catch (error) {
    if (!(error instanceof ContainerImageError) || error.code === 'UNEXPECTED') return String(error)
    report.refused++
  }
  const left = readdirSync(folder).filter((name) => !before.includes(name) && !/^(input|changed)/.test(name))
  return left.length > 0 ? `${left} was left` : undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seconds = '60', seed = '1'] = process.argv.slice(2)
  const report = await fuzzDelta(Number(seconds), Number(seed))
  console.log(JSON.stringify(report, undefined, 2))
  process.exitCode = report.findings.length > 0 ? 1 : 0
}
