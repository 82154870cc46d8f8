import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, digestOf } from '../../manifests/index.js'
import { copy } from '../../provider/copy/copy.js'
import { planCopy } from '../../provider/copy/plan.js'
import type { ImageCollection } from '../../provider/copy/ports.js'
import { get, verify } from '../../provider/index.js'
import type { FileRange } from '../../provider/io/bytes.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'
import { storeSink } from '../../provider/store/sink.js'
import { openStore } from '../../provider/store/store.js'
import { FaultySource } from '../fixtures/faulty-source.js'
import { makeSample, openLayout, type Sample } from '../fixtures/sample.js'
import { scratch } from '../scratch.js'

describe('check one thing, use another (CVE-2018-15664, CVE-2025-47290)', () => {
  const temporary = scratch()
  const hasher = new Hasher()
  let sample: Sample
  let store: string

  beforeEach(() => {
    sample = makeSample(temporary.folder())
    store = path.join(temporary.folder(), 'store')
  })

  after(async () => {
    await hasher.close()
    temporary.remove()
  })

  const image = (root: Descriptor) => ({
    root,
    names: [{ repository: 'base', tag: '1' }],
    annotations: {},
  })
  const blob = (digest: string): string => path.join(sample.folder, 'blobs', 'sha256', digest.slice(7))

  it('stores the documents that it has checked, whatever the source says the second time', async () => {
    const inner: ImageCollection = await openLayout(sample.folder)
    const source = new FaultySource(inner)
    const plan = await planCopy(source, [image(sample.root)])
    for (const digest of plan.documents.keys()) writeFileSync(blob(digest), 'something else')
    await copy(source, plan, storeSink(await openStore(store), hasher), { task: 'test' })
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('hashes the bytes of a layer that it stores, not those that were there when it looked', async () => {
    const inner: ImageCollection = await openLayout(sample.folder)
    const plan = await planCopy(inner, [image(sample.root)])
    const layer = plan.contents.find((d) => d.size > 4_000_000)
    if (!layer) throw new Error('no large layer')
    // It is verified, and then exchanged before it is copied.
    expect(digestOf(readFileSync(blob(layer.digest)))).to.equal(layer.digest)
    const locate = async (descriptor: Descriptor): Promise<FileRange | undefined> => {
      const range = await inner.locate?.(descriptor)
      if (descriptor.digest === layer.digest) writeFileSync(blob(layer.digest), Buffer.alloc(layer.size))
      return range
    }
    const source = new FaultySource(inner, { locate })
    const sink = storeSink(await openStore(store), hasher)
    const error = await copy(source, plan, sink, { task: 'test' }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.include({ code: 'DIGEST_MISMATCH', side: 'source' })
    expect(await get({ store })).to.deep.equal([])
  })

  it('follows a name once: what it comes to mean meanwhile is not installed', async () => {
    const inner: ImageCollection = await openLayout(sample.folder)
    const [named] = await inner.images()
    const plan = await planCopy(inner, [image(named?.root ?? sample.root)])
    const index = path.join(sample.folder, 'index.json')
    const other = JSON.parse(readFileSync(index, 'utf8')) as { manifests: Descriptor[] }
    other.manifests = [{ ...sample.artifact, annotations: { [ANNOTATIONS.refName]: 'base:1.2.3' } }]
    writeFileSync(index, JSON.stringify(other))
    await copy(inner, plan, storeSink(await openStore(store), hasher), { task: 'test' })
    expect((await get({ store })).map((row) => row.digest)).to.deep.equal([sample.root.digest])
  })
})
