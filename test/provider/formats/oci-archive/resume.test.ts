import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ContainerImageError, type Descriptor, LIMITS, parseManifest } from '../../../../manifests/index.js'
import { folderMembers } from '../../../../provider/archives/members/folder.js'
import { copy } from '../../../../provider/copy/copy.js'
import { planCopy } from '../../../../provider/copy/plan.js'
import type { CopyPlan, ImageSource } from '../../../../provider/copy/ports.js'
import { archiveSink } from '../../../../provider/formats/in-place/tar-sink.js'
import { layoutSource } from '../../../../provider/formats/layout/source.js'
import type { Bytes } from '../../../../provider/io/bytes.js'
import { Hasher } from '../../../../provider/io/hashing/hasher.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const LARGE = 12_000_000

/** A source without places on this machine, as a registry is one; it breaks after some bytes where it is told to. */
class Remote {
  /** From which byte each blob was asked for, in order. */
  readonly asked: { digest: string; from: number }[] = []
  breaksAfter = Number.POSITIVE_INFINITY
  readonly source: ImageSource

  constructor(inner: ImageSource) {
    const read = (descriptor: Descriptor, from: number): Bytes => this.bytes(inner, descriptor, from)
    this.source = {
      label: 'remote',
      concurrency: 1,
      resolve: (name) => inner.resolve(name),
      read: (descriptor, options) => read(descriptor, options?.from ?? 0),
      close: () => inner.close(),
    }
  }

  private async *bytes(inner: ImageSource, descriptor: Descriptor, from: number): Bytes {
    if (descriptor.size > LIMITS.manifestBytes) this.asked.push({ digest: descriptor.digest, from })
    let sent = 0
    for await (const chunk of inner.read(descriptor, { from })) {
      yield chunk
      sent += chunk.length
      if (sent >= this.breaksAfter) throw new ContainerImageError('NETWORK_UNREACHABLE', 'The line broke.')
    }
  }
}

describe('an archive that was interrupted', () => {
  const temporary = scratch()
  const hasher = new Hasher()
  let remote: Remote
  let plan: CopyPlan
  let layer: Descriptor
  let whole: Buffer
  let file: string
  let part: string

  before(async () => {
    const folder = path.join(temporary.folder(), 'layout')
    const [root] = makeLayout(folder, [
      { refName: 'base:1', layers: [{ files: { large: LARGE }, compression: 'none' }] },
    ]) as [Descriptor]
    remote = new Remote(await layoutSource(folderMembers(folder), 'layout'))
    const names = [{ repository: 'base', tag: '1' }]
    plan = await planCopy(remote.source, [{ root, names, annotations: {} }])
    const manifest = plan.documents.get(root.digest) ?? new Uint8Array()
    layer = parseManifest(manifest, root.mediaType).layers[0] as Descriptor
    const reference = path.join(temporary.folder(), 'reference.tar')
    await write(reference)
    whole = readFileSync(reference)
  })
  after(async () => {
    await hasher.close()
    temporary.remove()
  })
  beforeEach(async () => {
    file = path.join(temporary.folder(), 'base.tar')
    part = `${file}.part`
    remote.breaksAfter = 9_000_000
    const error = await write(file).catch((reason: unknown) => reason)
    expect(error).to.have.property('code', 'NETWORK_UNREACHABLE')
    remote.breaksAfter = Number.POSITIVE_INFINITY
    remote.asked.length = 0
  })

  async function write(target: string) {
    const sink = archiveSink(target, { format: 'oci-archive', force: false, hasher })
    return await copy(remote.source, plan, sink, { task: 'test' })
  }

  /** Where the layer's bytes begin in the file. */
  function layerAt(): number {
    const at = whole.indexOf(`blobs/sha256/${layer.digest.slice(7)}\0`)
    expect(at).to.be.greaterThan(0)
    return at + 512
  }

  function change(target: string, at: number): void {
    const bytes = readFileSync(target)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff
    writeFileSync(target, bytes)
  }

  it('goes on inside the blob, and gets the same bytes', async () => {
    expect(existsSync(file)).to.equal(false)
    const { reusedBytes, copiedBytes } = await write(file)
    expect(remote.asked).to.have.length(1)
    expect(remote.asked[0]?.from).to.be.within(9_000_000, LARGE)
    expect(reusedBytes).to.equal(remote.asked[0]?.from)
    expect(copiedBytes + reusedBytes).to.equal(plan.contents.reduce((sum, d) => sum + d.size, 0))
    expect(readFileSync(file).equals(whole)).to.equal(true)
    expect(existsSync(part)).to.equal(false)
  })

  it('fetches the blob anew, once, where the bytes that were there are wrong', async () => {
    change(part, layerAt() + 1_000_000)
    const { reusedBytes, copiedBytes } = await write(file)
    expect(remote.asked.map(({ from }) => from > 0)).to.deep.equal([true, false])
    expect(reusedBytes).to.equal(0)
    expect(copiedBytes).to.be.at.least(layer.size)
    expect(readFileSync(file).equals(whole)).to.equal(true)
  })

  it('writes the documents again, whatever became of them', async () => {
    change(part, 10)
    change(part, 1100)
    await write(file)
    expect(readFileSync(file).equals(whole)).to.equal(true)
  })

  it('begins anew where the unfinished file is of another length or another plan', async () => {
    truncateSync(part, statSync(part).size - 1)
    await write(file)
    expect(remote.asked.map(({ from }) => from)).to.deep.equal([0])
    expect(readFileSync(file).equals(whole)).to.equal(true)
  })

  it('begins anew where the mark of the plan is another one', async () => {
    change(part, whole.length + 20)
    await write(file)
    expect(remote.asked.map(({ from }) => from)).to.deep.equal([0])
    expect(readFileSync(file).equals(whole)).to.equal(true)
  })

  it('believes no count that is larger than the blob', async () => {
    const bytes = readFileSync(part)
    bytes.writeBigUInt64LE(2n ** 60n, bytes.length - 8)
    bytes.writeBigUInt64LE(2n ** 60n, bytes.length - 16)
    writeFileSync(part, bytes)
    await write(file)
    expect(readFileSync(file).equals(whole)).to.equal(true)
  })

  it('keeps nothing of a source whose bytes are wrong', async () => {
    const honest = remote.source.read
    remote.source.read = async function* (descriptor, options) {
      for await (const chunk of honest(descriptor, options)) yield new Uint8Array(chunk.length)
    }
    const error = await write(file).catch((reason: unknown) => reason)
    remote.source.read = honest
    expect(error).to.have.property('code', 'DIGEST_MISMATCH')
    expect(existsSync(file)).to.equal(false)
    expect(existsSync(part)).to.equal(false)
  })
})
