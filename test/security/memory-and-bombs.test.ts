import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Descriptor, digestOf, LIMITS, MEDIA_TYPES } from '../../manifests/index.js'
import { decompressed } from '../../provider/archives/members/compression.js'
import { inFewBlocks } from '../../provider/archives/members/zstd-frames.js'
import { inJavaScript } from '../../provider/archives/members/zstd-javascript.js'
import type { Bytes } from '../../provider/io/bytes.js'
import { tarOf } from '../fixtures/layout.js'
import { attack, layoutMembers, openTar } from './attack.js'
import { configFor, type Documents, documents, named } from './documents.js'
import { END, member } from './tar-builder.js'

const MEGABYTE = 1024 * 1024

/** What a run may take besides what it had before; the buffers of all formats fit in it. */
const MEMORY_LIMIT = 160 * MEGABYTE

describe('memory and bombs (CVE-2023-25153; node-tar 7.5.19)', () => {
  const host = attack()
  const layout = (): Documents => documents(path.join(host.stick, 'layout'))

  /** Runs something and says how much memory the process grew by. */
  async function growth(work: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage().rss
    await work()
    return process.memoryUsage().rss - before
  }

  describe('documents', () => {
    it('refuses a manifest of 5 MB', async () => {
      const made = layout()
      const { manifest } = made.parts()
      made.entry(
        made.put(MEDIA_TYPES.ociManifest, { ...manifest, annotations: { x: 'x'.repeat(5_000_000) } }),
      )
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE')
    })

    it('refuses a manifest of 5 MB that says it is small', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const large = made.put(MEDIA_TYPES.ociManifest, {
        ...manifest,
        annotations: { x: 'x'.repeat(5_000_000) },
      })
      made.entry({ ...large, size: 1000 })
      await host.refused(made.folder, 'SIZE_MISMATCH')
    })

    it('refuses a manifest that says it has terabytes, before it is read', async () => {
      const made = layout()
      made.entry({ ...made.put(MEDIA_TYPES.ociManifest, made.parts().manifest), size: 2 ** 42 })
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE')
    })

    it('refuses a config of 21 MB', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const config = made.put(MEDIA_TYPES.ociConfig, { ...configFor([]), author: 'x'.repeat(21 * MEGABYTE) })
      made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, config }))
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE')
    })

    it('refuses images whose documents are each small enough, and together are not', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const manifests = ['arm', 'arm64', 'amd64', 's390x'].map((architecture) => {
        const document = { ...configFor([]), architecture, author: 'x'.repeat(19 * MEGABYTE) }
        const config = made.put(MEDIA_TYPES.ociConfig, document)
        const root = made.put(MEDIA_TYPES.ociManifest, { ...manifest, config, layers: [] })
        return { ...root, platform: { os: 'linux', architecture } }
      })
      made.entry(made.put(MEDIA_TYPES.ociIndex, { schemaVersion: 2, manifests }))
      const error = await host.refused(made.folder, 'DOCUMENT_TOO_LARGE', { allPlatforms: true })
      expect(error.expected).to.contain('bytes of manifests, indexes and configs')
    })

    it('refuses a config that is a gzip bomb', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const config = made.put(MEDIA_TYPES.ociConfig, gzipSync(Buffer.alloc(30 * MEGABYTE)))
      made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, config }))
      await host.refused(made.folder, 'INVALID_DOCUMENT')
    })

    it('refuses an index.json of 21 MB', async () => {
      const made = layout()
      made.index(`{"schemaVersion":2,"manifests":[],"x":"${'x'.repeat(21 * MEGABYTE)}"}`)
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE')
    })

    it('refuses an oci-layout file of megabytes', async () => {
      const made = layout()
      made.entry(made.put(MEDIA_TYPES.ociManifest, made.parts().manifest))
      writeFileSync(
        path.join(made.folder, 'oci-layout'),
        `{"imageLayoutVersion":"1.0.0","x":"${'x'.repeat(MEGABYTE)}"}`,
      )
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE')
    })

    it('refuses documents that are millions of brackets', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const deep = JSON.stringify(manifest).replace(
        /}$/,
        `,"x":${'['.repeat(1_900_000)}${']'.repeat(1_900_000)}}`,
      )
      made.entry(made.put(MEDIA_TYPES.ociManifest, deep))
      await host.refused(made.folder, 'INVALID_DOCUMENT')
    })

    it('refuses a manifest with more layers than any image has', async () => {
      const made = layout()
      const { manifest, layer } = made.parts()
      const layers = Array.from({ length: LIMITS.layers + 1 }, () => layer)
      made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers }))
      expect((await host.refused(made.folder, 'INVALID_DOCUMENT')).message).to.include('at most 1000 layers')
    })

    it('refuses an index with a hundred thousand entries and one', async () => {
      const made = layout()
      const entry = { mediaType: 'a/b', digest: digestOf('x'), size: 1 }
      const manifests = Array.from({ length: LIMITS.manifestsInIndex + 1 }, () => entry)
      made.index({ schemaVersion: 2, manifests })
      await host.refused(made.folder, 'INVALID_DOCUMENT')
    })

    it('refuses an index with tens of thousands of names for nothing', async () => {
      const made = layout()
      const manifests = Array.from({ length: 40_000 }, (_, i) => {
        const root = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(String(i)), size: 10 }
        return named(root, i % 2 === 0 ? `x${i}:latest` : `x${i}:1`)
      })
      made.index({ schemaVersion: 2, manifests })
      await host.refused(made.folder, 'BLOB_MISSING')
    })

    it('refuses indexes that are nested too deep, whichever platform is asked for', async () => {
      for (const request of [{}, { allPlatforms: true }, { platform: 'linux/arm64' }]) {
        const made = documents(path.join(host.stick, JSON.stringify(request).replace(/\W/g, '')))
        const platform = { os: 'linux', architecture: 'arm64' }
        let inner: object = { ...made.put(MEDIA_TYPES.ociManifest, made.parts().manifest), platform }
        for (let depth = 0; depth <= LIMITS.indexDepth; depth++)
          inner = { ...made.put(MEDIA_TYPES.ociIndex, { schemaVersion: 2, manifests: [inner] }), platform }
        made.entry(inner)
        await host.refused(made.folder, 'NESTING_TOO_DEEP', { platform: 'linux/arm64', ...request })
      }
    })

    it('reads each index once that is named again and again', async () => {
      const made = layout()
      let level: Descriptor = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
      // A hundred times a hundred times a hundred manifests, if each were looked at.
      for (let depth = 0; depth < LIMITS.indexDepth; depth++) {
        const manifests = Array.from({ length: 100 }, () => level)
        level = made.put(MEDIA_TYPES.ociIndex, { schemaVersion: 2, manifests })
      }
      made.entry(level)
      expect(await host.allowed(made.folder, { allPlatforms: true })).to.include('evil:1.0')
    })

    it('refuses manifests that are small each and too much together', async () => {
      const made = layout()
      const { manifest } = made.parts()
      const manifests = Array.from({ length: 18 }, (_, i) =>
        made.put(MEDIA_TYPES.ociManifest, { ...manifest, annotations: { x: `${i}`.padEnd(3_900_000, 'x') } }),
      )
      made.entry(made.put(MEDIA_TYPES.ociIndex, { schemaVersion: 2, manifests }))
      await host.refused(made.folder, 'DOCUMENT_TOO_LARGE', { allPlatforms: true })
    })

    it('lists a hundred problems of a document and counts the rest', async () => {
      const made = layout()
      made.index({ schemaVersion: 2, manifests: Array.from({ length: 50_000 }, () => ({ x: 1 })) })
      const error = await host.refused(made.folder, 'INVALID_DOCUMENT')
      expect(error.details?.problems).to.have.length(100)
    })
  })

  describe('sizes that lie', () => {
    for (const [what, change] of Object.entries({
      'fewer bytes than there are': (size: number) => size - 1,
      'more bytes than there are': (size: number) => size + 1,
      'no bytes': () => 0,
      terabytes: () => 2 ** 45,
    }))
      it(`refuses a layer that says it has ${what}`, async () => {
        const made = layout()
        const { manifest, layer } = made.parts()
        const layers = [{ ...layer, size: change(layer.size) }]
        made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers }))
        if (what !== 'terabytes') await host.refused(made.folder, 'SIZE_MISMATCH')
        else await expectNoSpace(made.folder)
      })

    /** The check of free space comes before the first byte. */
    async function expectNoSpace(folder: string): Promise<void> {
      const error = await host.failure(folder)
      expect(error).to.include({ code: 'NO_SPACE', side: 'destination', exitCode: 6 })
    }

    it('refuses one blob with two sizes', async () => {
      const made = layout()
      const { manifest, layer } = made.parts()
      const config = made.put(MEDIA_TYPES.ociConfig, configFor([layer.digest, layer.digest]))
      const layers = [layer, { ...layer, size: layer.size - 1 }]
      made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, config, layers }))
      await host.refused(made.folder, 'SIZE_MISMATCH')
    })
  })

  describe('archives', () => {
    it('refuses zeros in place of an archive after the first block of them', async () => {
      const file = host.bring('zeros.tar.gz', gzipSync(Buffer.alloc(64 * MEGABYTE)))
      const grown = await growth(() => host.refused(file, 'ARCHIVE_UNKNOWN'))
      expect(grown).to.be.below(MEMORY_LIMIT)
    })

    it('stops unpacking an archive that grows beyond all measure', async () => {
      // One member of 2 GiB of zeros, in as many kilobytes; gzip takes parts one after the other for one.
      const zeros = gzipSync(Buffer.alloc(64 * MEGABYTE), { level: 9 })
      const head = gzipSync(member({ name: 'a-name-that-says-nothing', size: 2 * 1024 ** 3 }))
      const file = host.bring('bomb.tar.gz', head, ...Array<Buffer>(32).fill(zeros))
      const grown = await growth(() => host.refused(file, 'ARCHIVE_INVALID'))
      expect(grown).to.be.below(MEMORY_LIMIT)
    })

    it('refuses an archive with more members than images have', async () => {
      const made = openTar(layoutMembers(path.join(host.stick, 'made')))
      const error = await host.refused(
        host.bring('many.tar', made, manyFolders(200_001), END),
        'ARCHIVE_INVALID',
      )
      expect(error.expected).to.equal('at most 200000')
    })

    it('describes a layer once that a docker archive names a thousand times', async () => {
      const tar = tarOf({ x: Buffer.alloc(20 * MEGABYTE) })
      const count = 900
      const manifest = [{ Config: 'c.json', RepoTags: ['evil:1'], Layers: Array(count).fill('layer.tar') }]
      const file = host.bring(
        'docker.tar',
        member({ name: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)) }),
        member({
          name: 'c.json',
          bytes: Buffer.from(JSON.stringify(configFor(Array(count).fill(digestOf(tar))))),
        }),
        member({ name: 'layer.tar', bytes: gzipSync(tar) }),
        END,
      )
      // Read nine hundred times, its 18 GB would not come to an end in time.
      await host.allowed(file)
    })

    /** Folders with a number for a name; only that and its share of the checksum change. */
    function manyFolders(count: number): Buffer {
      const block = member({ name: '000000', type: '5' })
      const zeros = Number.parseInt(block.toString('latin1', 148, 154), 8)
      const all = Buffer.alloc(count * block.length)
      for (let i = 0; i < count; i++) {
        const name = String(i).padStart(6, '0')
        const sum = zeros + [...name].reduce((total, digit) => total + Number(digit), 0)
        block.write(name, 0, 'latin1')
        block.write(sum.toString(8).padStart(6, '0'), 148, 'latin1')
        block.copy(all, i * block.length)
      }
      return all
    }
  })

  describe('zstd, of which a few bytes stand for gigabytes', () => {
    /** Frames of a single run each: 128 KiB of zeros in four bytes, eight thousand times. */
    function bomb(): Buffer {
      const header = Buffer.from('28b52ffd0058', 'hex')
      const run = Buffer.from([0x02, 0x00, 0x10, 0x00])
      const last = Buffer.from([0x03, 0x00, 0x10, 0x00])
      return Buffer.concat([header, ...Array<Buffer>(250_000).fill(run), last])
    }

    async function* whole(bytes: Buffer): Bytes {
      yield bytes
    }

    it('unpacks a few blocks at a time and stops where the ratio says so', async () => {
      let count = 0
      let most = 0
      const before = process.memoryUsage().rss
      try {
        for await (const chunk of decompressed(whole(bomb()), 'zstd', 'bomb')) {
          count += chunk.length
          most = Math.max(most, process.memoryUsage().rss - before)
        }
        throw new Error('it was unpacked to its end')
      } catch (error) {
        expect(error).to.have.property('code', 'ARCHIVE_INVALID')
      }
      expect(count).to.be.above((1024 * MEGABYTE) / 2)
      expect(most).to.be.below(MEMORY_LIMIT)
    })

    it('refuses a window of gigabytes', async () => {
      const bytes = Buffer.from('28b52ffd00a8010000', 'hex')
      const error = await collectError(decompressed(whole(bytes), 'zstd', 'bomb'))
      expect(error).to.include({ code: 'ARCHIVE_INVALID', found: 'its window is too large' })
    })

    it('refuses data that is cut short, which the decoders take for whole', async () => {
      const { stdout } = spawnSync('zstd', ['-q'], { input: Buffer.from('whole'.repeat(1000)) })
      if (stdout === null || stdout.length === 0) return
      for (const at of [3, 5, 8, stdout.length - 5, stdout.length - 1]) {
        const error = await collectError(decompressed(whole(stdout.subarray(0, at)), 'zstd', 'cut'))
        expect(error, `cut at ${at}`).to.include({ code: 'ARCHIVE_INVALID' })
      }
      await drain(decompressed(whole(stdout), 'zstd', 'whole'))
      await drain(inJavaScript(inFewBlocks(whole(stdout), 'whole')))
    })
  })
})

async function drain(bytes: Bytes): Promise<void> {
  for await (const _ of bytes);
}

async function collectError(bytes: Bytes): Promise<unknown> {
  return await drain(bytes).then(
    () => undefined,
    (error: unknown) => error,
  )
}
