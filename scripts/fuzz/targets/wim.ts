import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { openWim, verifyWim } from '../../../provider/formats/wim/index.js'
import type { Seeded } from '../../../test/manifests/seeded.js'
import { metadataOf, seal, smallWims } from '../../../test/provider/formats/wim/small-wims.js'
import type { Target } from '../target.js'

const HEADER_BYTES = 208
const IS_COMPRESSED = 2

/** Small WIMs of every kind; wimlib makes them. If one is split, its first part is changed. */
export const WIM: Target = {
  name: 'wim',
  async prepare(folder) {
    const wims = await smallWims(folder)
    const [, ...others] = wims.get('split') ?? []
    const input = path.join(folder, 'input1.swm')
    const rest = others.map((bytes, i) => {
      const file = path.join(folder, `input${i + 2}.swm`)
      writeFileSync(file, bytes)
      return file
    })
    return {
      seeds: [...wims.values()].map(([first]) => first ?? Buffer.alloc(0)),
      patience: 20_000,
      change: (bytes, random) => changed(Buffer.from(bytes), random),
      async take(bytes) {
        writeFileSync(input, bytes)
        const isSplit = bytes.length > 0x2c && bytes.readUInt16LE(0x2a) > 1
        const wim = await openWim(isSplit ? [input, ...rest] : [input])
        try {
          await verifyWim(wim, { workers: 0 })
        } finally {
          await wim.close()
        }
      },
    }
  },
}

/** If trees are not compressed, mostly these are changed, and given a correct hash; otherwise header and tables. */
function changed(bytes: Buffer, random: Seeded): Buffer | undefined {
  if (bytes.length < HEADER_BYTES || random.below(3) === 0) return undefined
  const isPlain = (bytes.readUInt32LE(0x10) & IS_COMPRESSED) === 0
  try {
    if (isPlain && random.below(10) < 7) {
      scribble(metadataOf(bytes), random)
      return seal(bytes)
    }
    scribble(structureOf(bytes, random), random)
    return bytes
  } catch {
    // The information about where its parts are was changed before.
    return undefined
  }
}

const NUMBERS = [0, 1, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

function scribble(area: Buffer, random: Seeded): void {
  for (let left = 1 + random.below(6); left > 0 && area.length > 8; left--) {
    const at = random.below(area.length - 8)
    const number = random.oneOf(NUMBERS)
    const width = random.below(3)
    if (width === 0) area[at] = random.below(256)
    else if (width === 1) area.writeUInt32LE(number, at)
    else area.writeBigUInt64LE(BigInt(number) << BigInt(random.below(33)), at & ~7)
  }
}

/** The header, the lookup table, the XML data, or the start of a resource. */
function structureOf(bytes: Buffer, random: Seeded): Buffer {
  const header = bytes.toString('latin1', 0, 5) === 'WLPWM' ? bytes.length - HEADER_BYTES : 0
  const field = [0x30, 0x48, 0x7c][random.below(6)]
  if (field === undefined) return bytes.subarray(header, header + HEADER_BYTES)
  const start = Number(bytes.readBigUInt64LE(header + field + 8))
  const table = bytes.subarray(start, start + bytes.readUIntLE(header + field, 6))
  if (field !== 0x30 || random.below(2) === 0) return table
  const entry = 50 * random.below(Math.max(1, Math.floor(table.length / 50)))
  const resource = Number(table.readBigUInt64LE(entry + 8))
  return bytes.subarray(resource, resource + 64)
}
