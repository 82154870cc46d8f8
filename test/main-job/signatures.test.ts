import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor, MEDIA_TYPES, manifestBytes } from '../../manifests/index.js'
import { get, install, save, uninstall, verify } from '../../provider/index.js'
import { addBlob, addIndex, makeLayout } from '../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { scratch } from '../scratch.js'

describeWithPeers(
  ['docker-registry', 'skopeo'],
  'an image of several platforms, with signatures over it',
  () => {
    const temporary = scratch()
    let registry: DockerRegistry
    let layout: string
    let reference: string
    let amd64: Descriptor
    let index: Descriptor
    let signature: Descriptor
    let attestation: Descriptor
    let archive: string

    before(async () => {
      registry = await startDockerRegistry()
      reference = `${registry.host}/base:1.0`
      layout = path.join(temporary.folder(), 'layout')
      archive = path.join(temporary.folder(), 'base.tar')
      const arm64 = { os: 'linux', architecture: 'arm64' }
      const layers = [{ files: { one: 50_000 } }]
      const [first, second] = makeLayout(layout, [{ layers }, { platform: arm64, layers }])
      if (!first || !second) throw new Error('the fixture is not what it should be')
      amd64 = first
      index = addIndex(layout, [first, second])
      const payload = addBlob(
        layout,
        'application/vnd.dev.cosign.simplesigning.v1+json',
        Buffer.from('{"signed":1}'),
      )
      const empty = addBlob(layout, MEDIA_TYPES.ociEmpty, Buffer.from('{}'))
      // As cosign makes them: the config has the type of an image's, and only the tag tells what it is.
      signature = addManifest({ config: { ...empty, mediaType: MEDIA_TYPES.ociConfig }, layers: [payload] })
      attestation = addManifest({
        artifactType: 'application/x.sbom',
        config: empty,
        layers: [payload],
        subject: first,
      })
      for (const hex of readdirSync(path.join(layout, 'blobs', 'sha256'))) await pushBlob(`sha256:${hex}`)
      for (const manifest of [first, second, attestation]) await pushManifest(manifest.digest, manifest)
      await pushManifest('1.0', index)
      await pushManifest(`${index.digest.replace(':', '-')}.sig`, signature)
      // docker-registry 2 has no referrers; the fallback is a tag (distribution-spec, "Referrers Tag Schema").
      await pushManifest(first.digest.replace(':', '-'), addIndex(layout, [attestation]))
    })

    after(async () => {
      await registry?.stop()
      temporary.remove()
    })

    function addManifest(parts: object): Descriptor {
      const bytes = manifestBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, ...parts } as never)
      return addBlob(layout, MEDIA_TYPES.ociManifest, bytes)
    }

    async function pushBlob(digest: string): Promise<void> {
      const begun = await fetch(`http://${registry.host}/v2/base/blobs/uploads/`, { method: 'POST' })
      const place = new URL(begun.headers.get('location') ?? '')
      place.searchParams.set('digest', digest)
      const bytes = readFileSync(path.join(layout, blobPath(digest)))
      const put = await fetch(place, { method: 'PUT', body: bytes })
      if (!put.ok) throw new Error(`${digest}: ${put.status}`)
    }

    async function pushManifest(name: string, { mediaType, digest }: Descriptor): Promise<void> {
      const put = await fetch(`http://${registry.host}/v2/base/manifests/${name}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: readFileSync(path.join(layout, blobPath(digest))),
      })
      if (!put.ok) throw new Error(`${name}: ${put.status} ${await put.text()}`)
    }

    function entries(folder: string): Descriptor[] {
      return (
        JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as { manifests: Descriptor[] }
      ).manifests
    }

    it('is saved for one platform, and what is signed over it or its index travels along', async () => {
      const { images } = await save({ names: [reference], path: archive, platform: 'linux/amd64' })
      expect(images[0]?.digest).to.equal(amd64.digest)
    })

    it('is installed with all of it, and the store is whole', async () => {
      const store = path.join(temporary.folder(), 'store')
      const { images } = await install({ targets: [archive], store })
      expect(images).to.have.length(1)
      expect((await verify({ store })).problems).to.deep.equal([])
      const digests = entries(store).map((entry) => entry.digest)
      expect(digests).to.include.members([amd64.digest, signature.digest, attestation.digest])
      expect(readdirSync(path.join(store, 'blobs', 'sha256'))).to.include(index.digest.slice(7))
      expect((await get({ store })).map((image) => image.tag)).to.deep.equal(['1.0', 'latest'])
      const again = path.join(temporary.folder(), 'again.tar')
      await save({ names: [store], path: again })
      expect(
        readFileSync(again).equals(readFileSync(archive)),
        'the archive comes out as it went in',
      ).to.equal(true)
      await uninstall({ name: 'base', store })
      expect(
        readdirSync(path.join(store, 'blobs', 'sha256')),
        'signatures go with their image',
      ).to.deep.equal([])
    })

    it('is saved and installed with all platforms as the index that it is', async () => {
      const all = path.join(temporary.folder(), 'all.tar')
      const store = path.join(temporary.folder(), 'store')
      const saved = await save({ names: [reference], path: all, allPlatforms: true })
      expect(saved.images[0]?.digest).to.equal(index.digest)
      const installed = await install({ targets: [all], store })
      expect(installed.images[0]?.digest).to.equal(index.digest)
      expect((await verify({ store })).problems).to.deep.equal([])
      const raw = runPeer('skopeo', ['inspect', '--raw', `oci:${store}:${reference}`])
      expect((JSON.parse(raw) as { manifests: unknown[] }).manifests).to.have.length(2)
    })

    it('is refused for a platform that it does not have, with those that it has', async () => {
      const wanted = {
        names: [reference],
        path: path.join(temporary.folder(), 'x.tar'),
        platform: 'linux/s390x',
      }
      const error = await save(wanted).catch((failure) => failure)
      expect(error).to.include({ code: 'PLATFORM_NOT_FOUND', exitCode: 3 })
      expect(`${error.message} ${error.found}`).to.contain('linux/arm64')
    })
  },
)
