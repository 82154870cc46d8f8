import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestOf } from '../../../manifests/index.js'
import { joinDelta } from '../../../provider/delta/blocks/index.js'
import { compileKernel } from '../../../provider/delta/blocks/kernel/compile.js'
import { Kernel } from '../../../provider/delta/blocks/kernel/kernel.js'
import { Repacking } from '../../../provider/delta/blocks/repacking.js'
import { UNPACK_MEMORY, unpackRange } from '../../../provider/delta/blocks/unpack-job.js'
import { Trouble } from '../../../provider/io/threads/trouble.js'
import type { Seeded } from '../../../test/manifests/seeded.js'
import {
  asFile,
  deltaBytes,
  documentOf,
  segmentsOf,
} from '../../../test/provider/delta/blocks/delta-builder.js'
import {
  cut,
  edited,
  layerIn,
  type SampleLayer,
  sampleFiles,
  tarOf,
} from '../../../test/provider/delta/blocks/layers.js'
import { mutated } from '../mutations.js'
import { broken, type Target } from '../target.js'

type Pack = (tar: Buffer) => Buffer

async function made(
  folder: string,
  pack: Pack,
): Promise<{ layer: SampleLayer; base: SampleLayer; delta: Buffer }> {
  const before = sampleFiles(7, 25)
  const base = layerIn(folder, 'old', pack(tarOf(before)))
  const layer = layerIn(folder, 'new', pack(tarOf(edited(before, 7))))
  const { bytes, file } = await cut(layer, [base], { scratch: folder })
  rmSync(file.path)
  return { layer, base, delta: bytes }
}

/** @throws what joining throws; broken if another layer comes out, or if anything is left of the work */
async function join(folder: string, layer: SampleLayer, delta: Buffer, base: SampleLayer): Promise<void> {
  const input = asFile(path.join(folder, 'input'), delta)
  const before = readdirSync(folder)
  try {
    const { file, delta: document } = await joinDelta(input, [base], { scratch: folder })
    rmSync(file.path)
    // Whoever requested the layer compares the document with it.
    if (document.layer.digest === layer.digest && file.size !== layer.bytes.length) broken('another layer')
  } finally {
    const left = readdirSync(folder).filter((name) => !before.includes(name))
    if (left.length > 0) broken(`${left} was left`)
  }
}

/** Changes only its document, or what its segments hold; undefined to change all of it. */
function inside(delta: Buffer, random: Seeded): Buffer | undefined {
  if (delta.length < 12) return undefined
  const start = 12 + delta.readUInt32LE(8)
  if (random.below(3) === 0)
    return deltaBytes({
      document: mutated(delta.subarray(12, start), random, [], [delta]).toString('latin1'),
      end: delta.subarray(start),
    })
  if (random.below(2) === 0) return undefined
  try {
    const segments = segmentsOf(delta).map(({ operations, literals }) => {
      const inLiterals = random.below(2) === 0
      return {
        operations: numbersOf(inLiterals ? operations : mutated(operations, random, [], [operations])),
        literals: inLiterals ? mutated(literals, random, [], [literals]) : literals,
      }
    })
    return deltaBytes({ document: documentOf(delta), segments })
  } catch {
    // One that was changed before may have no readable segments.
    return undefined
  }
}

/** Bytes as numbers that, written again, are the same bytes, except for the last. */
function numbersOf(bytes: Buffer): bigint[] {
  const numbers: bigint[] = []
  let [value, shift] = [0n, 0n]
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte & 128) continue
    numbers.push(value)
    ;[value, shift] = [0n, 0n]
  }
  return shift > 0n ? [...numbers, value] : numbers
}

function delta(name: string, pack: Pack): Target {
  return {
    name,
    async prepare(folder) {
      const original = await made(folder, pack)
      return {
        seeds: [original.delta],
        patience: 20_000,
        change: inside,
        take: (input) => join(folder, original.layer, input, original.base),
      }
    },
  }
}

export const DELTAS: Target[] = [
  delta('delta', (tar) => tar),
  delta('delta-of-gzip', (tar) => gzipSync(tar)),
  {
    name: 'delta-base',
    async prepare(folder) {
      const { layer, base, delta: bytes } = await made(folder, (tar) => gzipSync(tar))
      return {
        seeds: [base.bytes],
        patience: 20_000,
        take: (input) =>
          join(folder, layer, bytes, { ...base, range: layerIn(folder, 'changed', input, input).range }),
      }
    },
  },
  {
    name: 'repacking',
    prepare(folder) {
      const module = compileKernel()
      return {
        seeds: [gzipSync(tarOf(sampleFiles(7, 25)))],
        patience: 20_000,
        // Whatever is turned into tokens must come back unchanged.
        take(input) {
          const place = asFile(path.join(folder, 'input.gz'), input)
          const check = new Repacking(module, { size: input.length, algorithm: 'sha256' })
          const kernel = new Kernel(module, UNPACK_MEMORY)
          try {
            unpackRange(kernel, place, (at, size) => check.take(kernel.bytes.subarray(at, at + size)))
          } catch (error) {
            if (error instanceof Trouble && /^ARCHIVE_/.test(error.code)) return
            throw error
          }
          const found = `sha256:${check.end().hex}`
          if (found !== digestOf(input)) broken(`it came back as ${found}`)
        },
      }
    },
  },
]
