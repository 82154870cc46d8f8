import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { checkLayerBytes } from '../../../provider/archives/layers/check-layer.js'
import { compressedTarMembers } from '../../../provider/archives/members/compressed-tar.js'
import { compressionOf, decompressed } from '../../../provider/archives/members/compression.js'
import type { Members } from '../../../provider/archives/members/members.js'
import { tarMembers } from '../../../provider/archives/members/tar.js'
import { zipMembers } from '../../../provider/archives/members/zip.js'
import { parseXml } from '../../../provider/formats/wim/read/xml.js'
import { createRecovery, verifyRecovery } from '../../../provider/recovery/index.js'
import { tarOf } from '../../../test/fixtures/layout.js'
import { file, hardLink, folder as inTar, layerOf, symlink } from '../../../test/security/hostile-layers.js'
import { longName, member, pax } from '../../../test/security/tar-builder.js'
import { zipOf } from '../../../test/security/zip-builder.js'
import { broken, type Target } from '../target.js'
import { DELTAS } from './deltas.js'
import { WIM } from './wim.js'

const FILES = {
  'index.json': '{}',
  'blobs/sha256/a': 'text '.repeat(50),
  'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
}
const TAR = tarOf(FILES)
const LAYER = layerOf(
  inTar('etc/'),
  file('etc/passwd', 'root:x:0:0\n'),
  symlink('etc/link', 'passwd'),
  hardLink('etc/other', 'etc/passwd'),
  file('etc/.wh.gone', ''),
  Buffer.concat([
    pax({ path: 'etc/pax', 'SCHILY.xattr.user.a': 'b', mtime: '1.5', size: '3' }),
    member({ name: 'x', bytes: Buffer.from('abc') }),
  ]),
  Buffer.concat([longName('long/'.repeat(30)), member({ name: 'y', bytes: Buffer.from('abc') })]),
)
const MOST_READ = 64 * 1024 * 1024

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  // In pieces, as data from outside arrives.
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700)
}

async function readAll(members: Members): Promise<void> {
  try {
    for (const { name, kind, size } of await members.list()) {
      if (/(^|\/)\.\.(\/|$)|^\/|\0/.test(name)) broken(`a member ${JSON.stringify(name)}`)
      if (kind !== 'file') continue
      let read = 0
      for await (const chunk of members.read(name)) {
        read += chunk.length
        if (read > MOST_READ) return
      }
      if (read !== size) broken(`${name} has ${size} bytes, and gives ${read}`)
    }
  } finally {
    await members.close()
  }
}

function archive(name: string, seeds: Buffer[], open: (file: string) => Promise<Members>): Target {
  return {
    name,
    prepare(folder) {
      const place = path.join(folder, 'input')
      return {
        seeds,
        async take(input) {
          writeFileSync(place, input)
          await readAll(await open(place))
        },
      }
    },
  }
}

function compressed(name: string, seeds: Buffer[]): Target {
  return {
    name,
    prepare: () => ({
      seeds,
      async take(input) {
        let count = 0
        for await (const chunk of decompressed(once(input), compressionOf(input), 'input')) {
          count += chunk.length
          if (count > MOST_READ) return
        }
      },
    }),
  }
}

/** Frames of zstd as in its specification: raw, run, and skippable ones (RFC 8878, section 3.1). */
const ZSTD = Buffer.from(
  '28b52ffd0458190000616263' + '28b52ffd24052900006162636465' + '502a4d1803000000616263',
  'hex',
)

/** Four letters in xz, as written by `xz --check=crc32`. */
const XZ = Buffer.from(
  'fd377a585a000001692' + '2de36020021010c000000' + '8f984108010003616263640000' + '',
  'hex',
)

export const ARCHIVES: Target[] = [
  archive('tar', [TAR, LAYER], (place) => tarMembers(place)),
  archive('tar-gz', [gzipSync(TAR)], (place) => compressedTarMembers(place, 'gzip')),
  archive(
    'zip',
    [
      zipOf(
        Object.entries(FILES).map(([name, text]) => ({
          name,
          bytes: Buffer.from(text),
          deflate: name !== 'index.json',
        })),
      ),
      zipOf([{ name: 'folder/' }, { name: 'folder/a', bytes: Buffer.from('x') }], {
        comment: Buffer.from('a comment'),
      }),
    ],
    (place) => zipMembers(place),
  ),
  {
    name: 'layer',
    prepare: () => ({
      seeds: [LAYER, gzipSync(LAYER), TAR],
      words: ['.wh.', '.wh..wh..opq', '../', '30 path=', '11 size=9\n', 'ustar'],
      take: (input) =>
        checkLayerBytes(once(input), {
          os: input.length % 2 ? 'linux' : 'windows',
          label: 'input',
          isFirst: true,
        }),
    }),
  },
  compressed('gzip', [gzipSync(TAR), Buffer.concat([gzipSync('a'), gzipSync('b')])]),
  compressed('zstd', [ZSTD]),
  compressed('xz', [XZ]),
  compressed('other-compressions', [brotliCompressSync(TAR), Buffer.from('BZh91AY&SY'), Buffer.from('LZIP')]),
  {
    name: 'recovery',
    async prepare(folder) {
      mkdirSync(path.join(folder, 'set'))
      const place = path.join(folder, 'set')
      writeFileSync(path.join(place, 'a.bin'), Buffer.alloc(3000, 7))
      writeFileSync(path.join(place, 'b.bin'), Buffer.alloc(900, 9))
      await createRecovery({
        files: ['a.bin', 'b.bin'],
        folder: place,
        redundancy: 1,
        sliceSize: 1000,
        base: 'set',
      })
      const seeds = ['set.par2', 'set.vol01+02.par2'].map((name) => readFileSync(path.join(place, name)))
      const only = path.join(folder, 'only')
      mkdirSync(only)
      for (const name of ['a.bin', 'b.bin'])
        writeFileSync(path.join(only, name), readFileSync(path.join(place, name)))
      return {
        seeds,
        patience: 10_000,
        async take(input) {
          writeFileSync(path.join(only, 'input.par2'), input)
          await verifyRecovery(path.join(only, 'input.par2'))
        },
      }
    },
  },
  {
    name: 'wim-xml',
    prepare: () => ({
      seeds: [
        Buffer.from(
          '\ufeff<WIM><TOTALBYTES>5</TOTALBYTES><IMAGE INDEX="1"><NAME>a&amp;b</NAME><WINDOWS><ARCH>9</ARCH></WINDOWS></IMAGE></WIM>',
          'utf16le',
        ),
      ],
      words: ['<', '>', '</', '/>', '&#x', '&amp;', '<!--', '<![CDATA[', '<?'],
      take: (input) => parseXml(input, { file: 'input', resource: 'XML data', offset: 0 }),
    }),
  },
  WIM,
  ...DELTAS,
]
