import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Descriptor } from '../../../../manifests/index.js'
import {
  type CutDelta,
  type CutOptions,
  cutDelta,
  type JoinedLayer,
  joinDelta,
  type LayerInFile,
} from '../../../../provider/delta/blocks/index.js'
import { Seeded } from '../../../manifests/seeded.js'
import { member } from '../../../security/tar-builder.js'

export interface SampleFile {
  name: string
  bytes: Buffer<ArrayBufferLike>
}

/** Files as a base system has them: many small texts, and programs of some hundred kilobytes. */
export function sampleFiles(seed: number, count = 60): SampleFile[] {
  const random = new Seeded(seed)
  return Array.from({ length: count }, (_, i) => ({
    name: `usr/share/part${i % 7}/file${i}`,
    bytes: i % 9 === 0 ? program(random, 40_000 + random.below(120_000)) : text(random, random.below(9000)),
  }))
}

const WORDS = 'the of layer image base system package version library when where for and not with'.split(' ')

export function text(random: Seeded, size: number): Buffer {
  let line = ''
  while (line.length < size)
    line += `${random.oneOf(WORDS)}${random.below(40) === 0 ? random.below(1e6) : ''} `
  return Buffer.from(line.slice(0, size))
}

/** Words of four bytes, some of them seldom: it shrinks to a half. */
export function program(random: Seeded, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4)
    bytes.writeUInt32LE(random.below(3) === 0 ? random.below(2 ** 32) : random.below(64) * 65537, at)
  return bytes
}

export function tarOf(files: readonly SampleFile[]): Buffer {
  return Buffer.concat([...files.map(member), Buffer.alloc(1024)])
}

/** Some of the things that happen to a system between two versions. */
export function edited(files: readonly SampleFile[], seed: number): SampleFile[] {
  const random = new Seeded(seed)
  const after: SampleFile[] = files.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) }))
  for (let left = 1 + random.below(6); left > 0; left--) {
    const at = random.below(after.length)
    const file = after[at]
    if (!file) continue
    const { bytes } = file
    const place = random.below(bytes.length + 1)
    switch (random.below(7)) {
      case 0:
        file.bytes = Buffer.concat([bytes.subarray(0, place), text(random, 500), bytes.subarray(place)])
        break
      case 1:
        file.bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + random.below(3000))])
        break
      case 2:
        for (let i = 0; i < 30; i++) bytes[random.below(bytes.length)] = random.below(256)
        break
      case 3:
        after.splice(at, 1)
        break
      case 4:
        after.splice(random.below(after.length), 0, { name: `new/file${left}`, bytes: text(random, 4000) })
        break
      case 5:
        after.splice(random.below(after.length), 0, { name: `copy/of${left}`, bytes })
        break
      case 6:
        after.push(...after.splice(at, 1))
        break
    }
  }
  return after
}

export interface SampleLayer extends LayerInFile {
  bytes: Buffer<ArrayBufferLike>
  descriptor: Descriptor
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A blob in a file of a folder, not at its beginning. */
export function layerIn(folder: string, name: string, bytes: Buffer, tar?: Buffer): SampleLayer {
  const file = path.join(folder, name)
  writeFileSync(file, Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')]))
  const digest = sha256(bytes)
  return {
    range: { path: file, offset: 6, size: bytes.length },
    digest,
    diffId: sha256(tar ?? (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes)),
    bytes,
    descriptor: { digest, size: bytes.length, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
  }
}

/** Cuts, and fails where there is no delta. */
export async function cut(
  layer: SampleLayer,
  bases: SampleLayer[],
  options: CutOptions,
): Promise<CutDelta & { bytes: Buffer }> {
  const made = await cutDelta(layer, bases, options)
  if (!made) throw new Error('there is no delta')
  return { ...made, bytes: readFileSync(made.file.path) }
}

export async function joined(
  made: CutDelta,
  bases: SampleLayer[],
  scratch: string,
): Promise<JoinedLayer & { bytes: Buffer }> {
  const layer = await joinDelta(made.file, bases, { scratch })
  return { ...layer, bytes: readFileSync(layer.file.path) }
}
