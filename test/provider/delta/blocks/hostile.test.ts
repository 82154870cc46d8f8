import { readdirSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ContainerImageError } from '../../../../manifests/index.js'
import { joinDelta, readDeltaHead } from '../../../../provider/delta/blocks/index.js'
import { scratch } from '../../../scratch.js'
import { asFile, deltaBytes, documentOf, type HostileDelta, type HostileSegment } from './delta-builder.js'
import { cut, edited, layerIn, sampleFiles, tarOf } from './layers.js'

const ZERO = `sha256:${'0'.repeat(64)}`

describe('a hostile delta', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  const base = tarOf(sampleFiles(3, 10))

  /** Joins it against one plain layer, and sees that nothing stays behind. */
  async function refusal(bytes: (document: object) => Buffer): Promise<ContainerImageError> {
    const folder = folders.folder()
    const old = layerIn(folder, 'old', base)
    const document = {
      ...{ format: 1, form: 'tar', exact: true, layer: { digest: ZERO, size: 1000 }, diffId: ZERO },
      streamSize: 1000,
      bases: [{ digest: old.digest, diffId: old.diffId, size: base.length, streamSize: base.length }],
    }
    const delta = asFile(path.join(folder, 'delta'), bytes(document))
    const error = await joinDelta(delta, [old], { scratch: folder }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(readdirSync(folder)).to.have.members(['delta', 'old'])
    if (!(error instanceof ContainerImageError)) throw new Error(`it was not refused: ${error}`)
    return error
  }

  function refuses(title: string, change: (document: object) => HostileDelta, found?: RegExp): void {
    it(`is refused: ${title}`, async () => {
      const error = await refusal((document) => deltaBytes(change(document)))
      expect(error.code).to.equal('DELTA_INVALID')
      expect(error.exitCode).to.equal(4)
      if (found) expect(`${error.message} ${error.found}`).to.match(found)
    })
  }

  const heads: Record<string, (document: Record<string, unknown>) => Partial<HostileDelta>> = {
    'another beginning': () => ({ magic: 'CIMGDLT2' }),
    'a document without end': () => ({ documentSize: 0xffffffff }),
    'a document that ends behind the file': () => ({ documentSize: 60_000 }),
    'no JSON': () => ({ document: '{' }),
    'another format': (document) => ({ document: { ...document, format: 2 } }),
    'a form that nobody knows': (document) => ({ document: { ...document, form: 'tokens' } }),
    'a path for a digest': (document) => ({ document: { ...document, diffId: 'sha256:../../etc/passwd' } }),
    "a path for the base's digest": (document) => ({
      document: { ...document, bases: [{ digest: '../old', diffId: ZERO, size: 1, streamSize: 1 }] },
    }),
    'itself as its base': (document) => ({
      document: { ...document, bases: [{ digest: ZERO, diffId: ZERO, size: 1, streamSize: 1 }] },
    }),
    'no base': (document) => ({ document: { ...document, bases: [] } }),
    'too many bases': (document) => ({
      document: { ...document, bases: Array.from({ length: 17 }, () => (document.bases as object[])[0]) },
    }),
    'a negative size': (document) => ({ document: { ...document, streamSize: -1 } }),
    'a size beyond all layers': (document) => ({ document: { ...document, streamSize: 2 ** 52 } }),
    'a size that is none': (document) => ({ document: { ...document, streamSize: 1.5 } }),
    'gzip that would not come back': (document) => ({
      document: { ...document, form: 'gzip-tokens', exact: false },
    }),
  }
  for (const [title, change] of Object.entries(heads))
    refuses(title, (document) => ({ document, ...change(document as Record<string, unknown>) }))

  const large = Buffer.alloc(4 << 20)
  const segments: Record<string, HostileSegment> = {
    'a copy from behind the base': { operations: [0, 1000, 2 * base.length] },
    'a copy from before the base': { operations: [0, 1000, 1] },
    'a copy that ends behind the base': { operations: [0, 1000, 2 * (base.length - 999)] },
    'a copy longer than what is to come out': { operations: [0, 1001, 0] },
    'literals that are not there': { operations: [1000, 0], literals: Buffer.alloc(999) },
    'more literals than are used': { operations: [999, 1, 0], literals: Buffer.alloc(1000) },
    'more bytes than are to come out': { operations: [1000, 1, 0], literals: Buffer.alloc(1000) },
    'an operation that gives nothing': { operations: [0, 0] },
    'a number beyond 2^53': { operations: [0, 2n ** 60n, 0] },
    'a number without end': { operations: [0, 1n << 200n, 0] },
    'a position beyond 2^53': { operations: [0, 1000, 2n ** 55n] },
    'operations that end in the middle': { operations: [0, 1000] },
    'too few bytes': { operations: [0, 999, 0] },
    'literals that grow beyond what is announced': {
      operations: [1000, 0],
      packedLiterals: brotliCompressSync(large),
      sizes: { literals: 1000 },
    },
    'fewer literals than are announced': {
      operations: [1000, 0],
      literals: Buffer.alloc(9),
      sizes: { literals: 1000 },
    },
    'literals beyond the bound': {
      operations: [1000, 0],
      literals: Buffer.alloc(9),
      sizes: { literals: 0xfffffff0 },
    },
    'operations beyond the bound': { operations: [0, 1000, 0], sizes: { operations: 0xfffffff0 } },
    'packed bytes beyond the bound': { operations: [0, 1000, 0], sizes: { packedOperations: 0xfffffff0 } },
    'no operations': { literals: Buffer.alloc(9), sizes: { packedOperations: 0 } },
    'literals that are not compressed': {
      operations: [1000, 0],
      packedLiterals: large.subarray(0, 900),
      sizes: { literals: 1000 },
    },
  }
  for (const [title, segment] of Object.entries(segments))
    refuses(title, (document) => ({ document, segments: [segment] }))

  refuses('bytes behind its end', (document) => ({
    document,
    segments: [{ operations: [0, 1000, 0] }],
    end: Buffer.alloc(17),
  }))
  refuses('no end', (document) => ({
    document,
    segments: [{ operations: [0, 1000, 0] }],
    end: Buffer.alloc(0),
  }))
  refuses('copies without end', (document) => ({
    document,
    segments: [{ operations: Array.from({ length: 3000 }, (_, i) => [0, 1000, i === 0 ? 0 : 1999]).flat() }],
  }))

  it('is refused where it gives other bytes than it says', async () => {
    const error = await refusal((document) =>
      deltaBytes({ document, segments: [{ operations: [0, 1000, 0] }] }),
    )
    expect(error.code).to.equal('DIGEST_MISMATCH')
  })

  it('is refused where its tokens are none', async () => {
    const folder = folders.folder()
    const before = sampleFiles(4, 10)
    const old = layerIn(folder, 'old', gzipSync(tarOf(before)))
    const layer = layerIn(folder, 'new', gzipSync(tarOf(edited(before, 4))))
    const { bytes } = await cut(layer, [old], { scratch: folder })
    const document = documentOf(bytes)
    const left = readdirSync(folder).length
    for (const kind of [0, 1, 2, 3, 4, 5, 6, 100, 252, 253, 254, 255]) {
      const literals = Buffer.alloc(1000, kind)
      const delta = deltaBytes({
        document: { ...document, streamSize: 1000 },
        segments: [{ operations: [1000, 0], literals }],
      })
      const error = await joinDelta(asFile(path.join(folder, 'new'), delta), [old], {
        scratch: folder,
      }).catch((e) => e)
      expect(error).to.be.instanceOf(ContainerImageError)
      expect(error.code).to.be.oneOf(['DELTA_INVALID', 'DIGEST_MISMATCH', 'SIZE_MISMATCH'])
    }
    expect(readdirSync(folder)).to.have.length(left)
  })

  it('is refused wherever it is cut off', async () => {
    const folder = folders.folder()
    const before = sampleFiles(6, 10)
    const old = layerIn(folder, 'old', tarOf(before))
    const made = await cut(layerIn(folder, 'new', tarOf(edited(before, 6))), [old], { scratch: folder })
    for (let i = 0; i < 12; i++) {
      const size = Math.floor((made.file.size * i) / 12)
      const error = await joinDelta({ ...made.file, size }, [old], { scratch: folder }).catch((e) => e)
      expect(error).to.include({ code: 'DELTA_INVALID' })
    }
    const wide = { ...made.file, size: made.file.size + 100 }
    expect(await joinDelta(wide, [old], { scratch: folder }).catch((e) => e)).to.include({
      code: 'DELTA_INVALID',
    })
  })

  it('needs the layers that it names, and says which is missing', async () => {
    const folder = folders.folder()
    const before = sampleFiles(7, 10)
    const old = layerIn(folder, 'old', gzipSync(tarOf(before)))
    const made = await cut(layerIn(folder, 'new', gzipSync(tarOf(edited(before, 7)))), [old], {
      scratch: folder,
    })
    const other = layerIn(folder, 'other', gzipSync(tarOf(sampleFiles(8, 10))))
    const missing = await joinDelta(made.file, [other], { scratch: folder }).catch((e) => e)
    expect(missing).to.include({ code: 'BLOB_MISSING', expected: old.digest })
    // Bytes that are not what their digest says; a delta in the place of a layer.
    for (const range of [other.range, made.file]) {
      const error = await joinDelta(made.file, [{ ...old, range }], { scratch: folder }).catch((e) => e)
      expect(error.code).to.be.oneOf(['ARCHIVE_INVALID', 'DELTA_INVALID', 'DIGEST_MISMATCH'])
    }
    const { delta } = await readDeltaHead(made.file)
    expect(delta.bases[0]).to.include({ digest: old.digest, size: old.bytes.length })
  })

  it('finds a base that is damaged or cut short', async () => {
    const folder = folders.folder()
    const before = sampleFiles(9, 20)
    const bytes = gzipSync(tarOf(before))
    const old = layerIn(folder, 'old', bytes)
    const made = await cut(layerIn(folder, 'new', gzipSync(tarOf(edited(before, 9)))), [old], {
      scratch: folder,
    })
    for (const place of [0.1, 0.5, 0.9]) {
      const harmed = Buffer.from(bytes)
      const at = Math.floor(bytes.length * place)
      harmed.fill(0xff, at, at + 400)
      for (const one of [harmed, bytes.subarray(0, at)]) {
        const { range } = layerIn(folder, 'harmed', one, base)
        const error = await joinDelta(made.file, [{ ...old, range }], { scratch: folder }).catch((e) => e)
        expect(error.code).to.be.oneOf(['ARCHIVE_INVALID', 'DELTA_INVALID', 'DIGEST_MISMATCH'])
      }
    }
  })
})
