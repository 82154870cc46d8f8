import { expect } from 'chai'
import { type Descriptor, parseReference } from '../../../manifests/index.js'
import type { Bytes, ImageSource } from '../../../provider/ports.js'
import { RegistryClient } from '../../../provider/registry/client.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { verified } from '../../../provider/verified/verified.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { makeSmallImage, push, type SmallImage } from './small-image.js'

describeWithPeers(['docker-registry', 'skopeo'], 'a registry source, with a real registry', () => {
  const temporary = scratch()
  const client = new RegistryClient({ environment: {} })
  let registry: DockerRegistry
  let image: SmallImage
  let source: ImageSource

  before(async () => {
    registry = await startDockerRegistry()
    image = makeSmallImage(temporary.folder())
    push(image, `${registry.host}/base/small:1.0`)
    source = openRegistrySource(client, parseReference(`${registry.host}/base/small:1.0`))
  })

  after(async () => {
    await client.close()
    await registry.stop()
    temporary.remove()
  })

  it('resolves a tag to the descriptor of the very bytes that were pushed', async () => {
    expect(await source.resolve('1.0')).to.deep.equal(image.manifest)
  })

  it('reads the manifest that it has resolved', async () => {
    const descriptor = await source.resolve('1.0')
    expect(await all(verified(source.read(descriptor), descriptor))).to.deep.equal(image.manifestBytes)
  })

  it('reads every blob', async () => {
    for (const layer of image.layers)
      expect((await all(checked(source, layer.descriptor))).equals(layer.bytes)).to.equal(true)
    expect(await all(checked(source, image.config))).to.have.length(image.config.size)
  })
})

function checked(source: ImageSource, descriptor: Descriptor): Bytes {
  return verified(source.read(descriptor), descriptor)
}

async function all(bytes: Bytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
