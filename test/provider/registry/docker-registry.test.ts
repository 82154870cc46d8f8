import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, parseReference } from '../../../manifests/index.js'
import type { ImageSource } from '../../../provider/copy/ports.js'
import { verified } from '../../../provider/copy/verified.js'
import type { Bytes } from '../../../provider/io/bytes.js'
import { RegistryClient } from '../../../provider/registry/client.js'
import { pages } from '../../../provider/registry/pages.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from './certificates.js'
import { dockerConfig } from './docker-config.js'
import { all, blob, failure, impatientClient } from './reading.js'
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

  it('reads every blob, also from the middle', async () => {
    for (const { descriptor, bytes } of image.layers) {
      expect((await all(checked(source, descriptor))).equals(bytes)).to.equal(true)
      const rest = await all(source.read(descriptor, { from: 100_000 }))
      expect(rest.equals(bytes.subarray(100_000))).to.equal(true)
    }
    expect(await all(checked(source, image.config))).to.have.length(image.config.size)
  })

  it('resolves a digest', async () => {
    expect(await source.resolve(image.manifest.digest)).to.deep.equal(image.manifest)
  })

  it('lists tags, and repositories over several pages', async () => {
    for (const tag of ['1.1', '2.0', 'latest']) push(image, `${registry.host}/base/small:${tag}`)
    push(image, `${registry.host}/other:1`)
    const lister = new RegistryTags(client)
    const tags = await lister.tags(registry.host, 'base/small', {})
    expect(tags.sort()).to.deep.equal(['1.0', '1.1', '2.0', 'latest'])
    expect(await lister.repositories(registry.host, {})).to.deep.equal(['base/small', 'other'])
    const paged = []
    const request = { registry: registry.host, path: '_catalog?n=1', subject: 'repositories' }
    for await (const { document } of pages(client, request)) paged.push(document.repositories)
    expect(paged.slice(0, 2)).to.deep.equal([['base/small'], ['other']])
  })

  it('says that a tag, a blob or a repository is not there', async () => {
    const error = await failure(source.resolve('9.9'), 'NOT_FOUND')
    expect(error.message).to.contain('manifest unknown')
    await failure(all(source.read(blob(Buffer.from('never pushed')))), 'NOT_FOUND')
    await failure(new RegistryTags(client).tags(registry.host, 'no/such', {}), 'NOT_FOUND')
  })

  it("finds a signature under cosign's tag", async () => {
    const tag = `sha256-${image.manifest.digest.slice('sha256:'.length)}.sig`
    push(image, `${registry.host}/base/small:${tag}`)
    const found = await source.referrers?.(image.manifest.digest)
    expect(found).to.deep.equal([{ ...image.manifest, annotations: { [ANNOTATIONS.refName]: tag } }])
  })

  it('says that a blob is damaged in the registry', async () => {
    const { descriptor } = image.layers[0] ?? expect.fail('no layer')
    const hex = descriptor.digest.slice('sha256:'.length)
    const file = path.join(registry.folder, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
    const whole = readFileSync(file)
    const damaged = Buffer.from(whole)
    damaged[1000] = (damaged[1000] ?? 0) ^ 1
    writeFileSync(file, damaged)
    await failure(all(checked(source, descriptor)), 'DIGEST_MISMATCH')
    writeFileSync(file, whole.subarray(0, 1000))
    await failure(all(checked(source, descriptor)), 'SIZE_MISMATCH')
    writeFileSync(file, whole)
  })
})

describeWithPeers(['docker-registry', 'skopeo'], 'a real registry that wants credentials, over https', () => {
  const temporary = scratch()
  /** bcrypt of the password, as Apache's htpasswd makes it. */
  const htpasswd = 'user:$2y$04$EEGumFZNGkTrPumuxiVcquQbSmDCJvI7qOzDA51PhvD08EQwi6qo6'
  const password = 's3cret pass:word'
  const certificate = selfSigned(temporary.folder())
  let registry: DockerRegistry
  let image: SmallImage

  before(async () => {
    registry = await startDockerRegistry({
      htpasswd,
      tls: { certificate: certificate.file, key: certificate.keyFile },
    })
    image = makeSmallImage(temporary.folder(), [1000])
    push(image, `${registry.host}/base/small:1.0`, '--dest-creds', `user:${password}`)
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })

  async function resolve(pair: string | undefined): Promise<Descriptor> {
    const auths = pair === undefined ? {} : { [registry.host]: pair }
    const client = impatientClient({
      caFile: certificate.file,
      dockerConfig: dockerConfig(temporary.folder(), auths),
      timeouts: {},
    })
    try {
      return await openRegistrySource(client, parseReference(`${registry.host}/base/small`)).resolve('1.0')
    } finally {
      await client.close()
    }
  }

  it('gives what it has to who has them', async () => {
    expect(await resolve(`user:${password}`)).to.deep.equal(image.manifest)
  })

  it('refuses a wrong password, and nobody', async () => {
    await failure(resolve('user:wrong'), 'UNAUTHORIZED')
    await failure(resolve(undefined), 'UNAUTHORIZED')
  })

  it('takes what skopeo login has kept', async () => {
    const file = path.join(temporary.folder(), 'auth.json')
    const args = ['login', '--tls-verify=false', '--authfile', file, '-u', 'user', '--password-stdin']
    runPeer('skopeo', [...args, registry.host], { input: Buffer.from(password) })
    const client = impatientClient({
      caFile: certificate.file,
      environment: { REGISTRY_AUTH_FILE: file },
      timeouts: {},
    })
    const tags = await new RegistryTags(client).tags(registry.host, 'base/small', {})
    expect(tags).to.deep.equal(['1.0'])
    await client.close()
  })
})

function checked(source: ImageSource, descriptor: Descriptor): Bytes {
  return verified(source.read(descriptor), descriptor)
}
