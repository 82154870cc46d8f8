import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type Descriptor, digestOf, parseReference } from '../../../../manifests/index.js'
import { copy } from '../../../../provider/copy/copy.js'
import { planCopy } from '../../../../provider/copy/plan.js'
import type { CopyPlan, ImageCollection } from '../../../../provider/copy/ports.js'
import type { RegistryClient } from '../../../../provider/registry/client.js'
import { Mounts } from '../../../../provider/registry/push/mounts.js'
import { type RegistrySink, registrySink } from '../../../../provider/registry/push/sink.js'
import { uploadBlob } from '../../../../provider/registry/push/upload.js'
import { openRegistrySource } from '../../../../provider/registry/source.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { makeSample, openLayout } from '../../../fixtures/sample.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { dockerConfig } from '../docker-config.js'
import { failure, impatientClient } from '../reading.js'
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.js'

const MIB = 1024 * 1024

describeWithPeers(['docker-registry', 'skopeo'], 'pushing to a real registry', () => {
  const temporary = scratch()
  const timeouts = { connect: 1000, headers: 5000, bodyIdle: 5000 }
  let registry: DockerRegistry
  let proxy: CuttingProxy
  let client: RegistryClient
  let source: ImageCollection
  let root: Descriptor
  let plan: CopyPlan

  before(async () => {
    registry = await startDockerRegistry()
    proxy = await startCuttingProxy(registry.host)
    client = impatientClient({ timeouts })
    const folder = temporary.folder()
    const [made] = makeLayout(folder, [
      { layers: [12 * MIB, 5 * MIB, 40_000].map((size) => ({ files: { file: size } })) },
    ])
    if (!made) throw new Error('no image was made')
    root = made
    source = await openLayout(folder)
    plan = await planCopy(source, [planned(root)])
  })
  after(async () => {
    await client.close()
    await proxy.stop()
    await registry.stop()
    temporary.remove()
  })

  const planned = (image: Descriptor) => ({
    root: image,
    names: [{ repository: 'any', tag: '1.0' }],
    annotations: {},
  })
  const sinkFor = (repository: string, host = registry.host, mounts = new Mounts()): RegistrySink =>
    registrySink({ client, registry: host, repository, insecure: false }, mounts)
  /** Files with bytes of uploads; docker-registry itself leaves the state of an empty hash behind. */
  const uploadsLeft = (repository: string): string[] => {
    const folder = path.join(registry.folder, 'docker/registry/v2/repositories', repository, '_uploads')
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
    return names.filter((name) => path.basename(name) === 'data')
  }
  const total = (): number => plan.contents.reduce((sum, { size }) => sum + size, 0)

  it('makes an image that others pull, with the same digest', async () => {
    await copy(source, plan, sinkFor('made/image'), { task: 'test' })
    const from = `docker://${registry.host}/made/image:1.0`
    const raw = runPeer('skopeo', ['inspect', '--raw', '--tls-verify=false', from])
    expect(digestOf(Buffer.from(raw))).to.equal(root.digest)
    const pulled = path.join(temporary.folder(), 'pulled')
    runPeer('skopeo', ['copy', '-q', '--src-tls-verify=false', from, `oci:${pulled}:1.0`])
  })

  it('takes blobs from a repository where they were pushed a moment ago', async () => {
    const mounts = new Mounts()
    await copy(source, plan, sinkFor('mount/one', registry.host, mounts), { task: 'test' })
    const second = sinkFor('mount/two', proxy.host, mounts)
    proxy.sent = 0
    await copy(source, plan, second, { task: 'test' })
    expect(proxy.sent).to.be.lessThan(20_000)
    const layers = plan.contents.filter(({ mediaType }) => !mediaType.includes('manifest'))
    expect(second.mountedBytes).to.equal(layers.reduce((sum, { size }) => sum + size, 0))
  })

  it('asks several repositories that may have a blob, and mounts from the one that has', async () => {
    await copy(source, plan, sinkFor('asked/has'), { task: 'test' })
    const mounts = new Mounts()
    for (const { digest } of plan.contents)
      for (const name of ['asked/no', 'asked/neither', 'asked/has']) mounts.suppose(digest, name)
    const sink = sinkFor('asked/new', registry.host, mounts)
    const { copiedBytes } = await copy(source, plan, sink, { task: 'test' })
    expect(copiedBytes).to.equal(root.size)
  })

  it('leaves nothing of a blob that was not what it should be', async () => {
    const layer = plan.contents[0] as Descriptor
    const wrong = { ...layer, digest: digestOf('something else') }
    const content = { descriptor: wrong, open: () => source.read(layer) }
    await failure(sinkFor('wrong/image').write(content), 'DIGEST_MISMATCH')
    expect(uploadsLeft('wrong/image')).to.deep.equal([])
  })

  it('goes on when a connection breaks in the middle of a blob', async () => {
    const layer = plan.contents[0] as Descriptor
    const destination = { client, registry: proxy.host, repository: 'cut/image', insecure: false }
    const content = { descriptor: layer, open: () => source.read(layer) }
    proxy.sent = 0
    proxy.cut = { after: 7 * MIB, whenCut: () => {} }
    await uploadBlob(destination, content, undefined, { above: MIB, bytes: 2 * MIB })
    expect(await sinkFor('cut/image').has(layer)).to.equal(true)
  })

  it('goes on after the registry was killed, and sends only what lacks', async () => {
    proxy.sent = 0
    let down: Promise<void> | undefined
    // Two blobs at once, the largest first: the second is there when the first is not.
    proxy.cut = {
      after: 14 * MIB,
      whenCut: () => {
        down = registry.kill()
      },
    }
    await failure(
      copy(source, plan, sinkFor('killed/image', proxy.host), { task: 'test' }),
      'NETWORK_UNREACHABLE',
    )
    await down
    await registry.restart()
    proxy.sent = 0
    const sink = sinkFor('killed/image', proxy.host)
    const result = await copy(source, plan, sink, { task: 'test' })
    expect(result.copiedBytes + result.reusedBytes).to.equal(total())
    expect(proxy.sent).to.be.within(result.copiedBytes, result.copiedBytes + 20_000)
    proxy.sent = 0
    const again = await copy(source, plan, sinkFor('killed/image', proxy.host), { task: 'test' })
    expect(again.copiedBytes).to.equal(0)
    expect(proxy.sent).to.be.lessThan(5000)
  })

  it('says what to allow where the registry refuses layers that stay at URLs', async () => {
    const folder = temporary.folder()
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const [foreign] = makeLayout(folder, [
      { layers: [{ files: { file: 1000 }, mediaType, urls: ['https://mcr.microsoft.com/any'] }] },
    ])
    const opened = await openLayout(folder)
    const made = await planCopy(opened, [planned(foreign as Descriptor)])
    const error = await failure(
      copy(opened, made, sinkFor('foreign/image'), { task: 'test' }),
      'REGISTRY_ERROR',
    )
    expect(error.remedy).to.contain('validation.manifests.urls.allow')
  })

  it('brings an artifact that refers to the image, found by its subject', async () => {
    const sample = makeSample(temporary.folder())
    const folder = await openLayout(sample.folder)
    const both = await planCopy(folder, [planned(sample.root), { ...planned(sample.artifact), names: [] }])
    await copy(folder, both, sinkFor('signed/image'), { task: 'test' })
    const opened = openRegistrySource(client, parseReference(`${registry.host}/signed/image`))
    const found = await opened.referrers?.(sample.root.digest)
    expect(found?.map(({ digest }) => digest)).to.deep.equal([sample.artifact.digest])
  })
})

describeWithPeers(['docker-registry'], 'a real registry that does not take every push', () => {
  const temporary = scratch()
  const htpasswd = 'user:$2y$04$EEGumFZNGkTrPumuxiVcquQbSmDCJvI7qOzDA51PhvD08EQwi6qo6'
  after(() => temporary.remove())

  async function pushTo(registry: DockerRegistry, auths: Record<string, string>): Promise<void> {
    const sample = makeSample(temporary.folder())
    const source = await openLayout(sample.folder)
    const plan = await planCopy(source, [{ root: sample.root, names: [], annotations: {} }])
    const config = dockerConfig(temporary.folder(), auths)
    const client = impatientClient({ dockerConfig: config, timeouts: {} })
    const destination = { client, registry: registry.host, repository: 'base/image', insecure: false }
    try {
      await copy(source, plan, registrySink(destination, new Mounts()), { task: 'test' })
    } finally {
      await client.close()
      await registry.stop()
    }
  }

  it('says that it is read-only', async () => {
    const registry = await startDockerRegistry({ readOnly: true })
    await failure(pushTo(registry, {}), 'REGISTRY_READ_ONLY')
  })

  it('takes it from who has a password, and from nobody else', async () => {
    const error = await failure(pushTo(await startDockerRegistry({ htpasswd }), {}), 'UNAUTHORIZED')
    expect(error.expected).to.contain('repository:base/image:pull,push')
    const registry = await startDockerRegistry({ htpasswd })
    await pushTo(registry, { [registry.host]: 'user:s3cret pass:word' })
  })
})
