import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { constants, crc32, deflateRawSync, gzipSync, type ZlibOptions } from 'node:zlib'
import { digestOf } from '../../../../manifests/index.js'
import { gzipFile } from '../../../../provider/io/gzip/gzip-file.js'
import { runPeer } from '../../../peers/peers.js'

/** A way to make gzip of a tar. */
export type GzipWriter = (tar: Buffer, folder: string) => Buffer | Promise<Buffer>

/** What Node's zlib can do, with every kind of block. */
export const OF_ZLIB: Record<string, GzipWriter> = {
  'zlib at level 1': (tar) => gzipSync(tar, { level: 1 }),
  'zlib at level 6': (tar) => gzipSync(tar),
  'zlib at level 9 with little memory': (tar) => gzipSync(tar, { level: 9, memLevel: 1 }),
  'zlib with a small window': (tar) => gzipSync(tar, { windowBits: 9 }),
  'zlib with stored blocks': (tar) => gzipSync(tar, { level: 0 }),
  'zlib with fixed codes': (tar) => gzipSync(tar, { strategy: constants.Z_FIXED }),
  'zlib without matches': (tar) => gzipSync(tar, { strategy: constants.Z_HUFFMAN_ONLY }),
  'zlib with runs alone': (tar) => gzipSync(tar, { strategy: constants.Z_RLE }),
  'zlib with sync flushes': (tar) => member(tar, [], 0, constants.Z_SYNC_FLUSH),
  'zlib with full flushes': (tar) => member(tar, [], 0, constants.Z_FULL_FLUSH),
  'many members': (tar) => Buffer.concat(cutInto(tar, 50_000).map((part) => gzipSync(part))),
  'bytes behind the last member': (tar) =>
    Buffer.concat([gzipSync(tar), Buffer.alloc(512), Buffer.from('rest')]),
  'a name, a comment, more fields and a sum of the head': (tar) => {
    const extra = Buffer.from([6, 0, 65, 66, 2, 0, 1, 2])
    return member(
      tar,
      [extra, Buffer.from('layer.tar\0'), Buffer.from('a comment\0'), Buffer.from([1, 2])],
      31,
    )
  },
  'our own': async (tar, folder) => {
    const [from, to] = [path.join(folder, 'layer.tar'), path.join(folder, 'layer.tar.gz')]
    writeFileSync(from, tar)
    const fd = openSync(to, 'w')
    await gzipFile(from, tar.length, fd).finally(() => closeSync(fd))
    return readFileSync(to)
  },
}

/** What other programs make. */
export const OF_PROGRAMS: Record<string, GzipWriter> = {
  'gzip -1': (tar) => piped('gzip', ['-1'], tar),
  'gzip -9': (tar) => piped('gzip', ['-9'], tar),
  'gzip --rsyncable': (tar) => piped('gzip', ['--rsyncable'], tar),
  "python's zlib": (tar) =>
    piped(
      'python3',
      ['-c', 'import sys,gzip;sys.stdout.buffer.write(gzip.compress(sys.stdin.buffer.read(),5))'],
      tar,
    ),
  '7-Zip': (tar) => piped('7zz', ['a', '-tgzip', '-si', '-so', '-mx=9', 'layer.gz'], tar),
  "Go's, by skopeo": bySkopeo,
}

function piped(program: string, args: string[], input: Buffer): Buffer {
  const result = spawnSync(program, args, { input, maxBuffer: 1 << 28 })
  if (result.status !== 0) throw new Error(`${program}: ${result.stderr}`)
  return result.stdout
}

/** A member with a flush every 10,000 bytes, and with the fields that the flags name. */
function member(tar: Buffer, fields: Buffer[], flags: number, flush?: number): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3])
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc32(tar))
  end.writeUInt32LE(tar.length, 4)
  const flushed: ZlibOptions = { finishFlush: flush ?? constants.Z_FINISH }
  const parts = flush === undefined ? [tar] : cutInto(tar, 10_000)
  const blocks = parts.map((part, i) => deflateRawSync(part, i < parts.length - 1 ? flushed : {}))
  return Buffer.concat([head, ...fields, ...blocks, end])
}

function cutInto(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
}

/** skopeo compresses the layer of a copy into a folder with the gzip that Go's programs use (klauspost/pgzip). */
function bySkopeo(tar: Buffer, folder: string): Buffer {
  const layout = path.join(folder, 'layout')
  mkdirSync(path.join(layout, 'blobs', 'sha256'), { recursive: true })
  const blob = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes)
    writeFileSync(path.join(layout, 'blobs', 'sha256', digest.slice(7)), bytes)
    return { digest, size: bytes.length, mediaType }
  }
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))
  const oci = 'application/vnd.oci.image'
  const layer = blob(tar, `${oci}.layer.v1.tar`)
  const rootfs = { type: 'layers', diff_ids: [layer.digest] }
  const config = blob(
    json({ architecture: 'amd64', os: 'linux', rootfs, config: {} }),
    `${oci}.config.v1+json`,
  )
  const manifest = blob(json({ schemaVersion: 2, config, layers: [layer] }), `${oci}.manifest.v1+json`)
  writeFileSync(path.join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(path.join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }))
  const made = path.join(folder, 'made')
  runPeer('skopeo', ['--insecure-policy', 'copy', '--dest-compress', `oci:${layout}`, `dir:${made}`])
  for (const name of readdirSync(made)) {
    const bytes = readFileSync(path.join(made, name))
    if (bytes[0] === 0x1f && bytes.length > 1000) return bytes
  }
  throw new Error('skopeo did not compress the layer')
}
