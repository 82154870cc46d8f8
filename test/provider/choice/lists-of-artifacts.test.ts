import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor } from '../../../manifests/index.js'
import { get, install, uninstall, verify } from '../../../provider/index.js'
import { folderAndStore } from '../../fixtures/folder-and-store.js'
import {
  AMD64,
  ARM64,
  blobFile,
  imageOf,
  indexed,
  layout,
  manifestsIn,
  packed,
  withAttestation,
} from '../../fixtures/indexed-layouts.js'
import { addIndex, readIndex, writeIndex } from '../../fixtures/layout.js'
import { attachReferrer } from '../../fixtures/signing/attach.js'
import { failure } from '../verbs/failure.js'

const TYPE = 'application/vnd.dev.cosign.artifact.sig.v1+json'
const SIGNATURE = { mediaType: TYPE, bytes: Buffer.from('{}') }

describe('an index of artifacts', () => {
  const at = folderAndStore()

  /** A layout with one image, and a list under the fallback tag of the referrers API for it. */
  function listed(makes: (made: string, image: Descriptor) => Descriptor[], name = ''): string {
    const made = layout(at.folder, [imageOf(AMD64, 'demo:1.0')])
    const [image] = readIndex(made) as [Descriptor]
    const list = addIndex(made, makes(made, image))
    const tag = `${name}${image.digest.replace(':', '-')}`
    writeIndex(made, [image, { ...list, annotations: { [ANNOTATIONS.refName]: tag } }])
    return made
  }

  const carried = async (target: string): Promise<string[][]> => {
    const { images } = await install({ targets: [target], store: at.store })
    return images.map(({ artifacts = [] }) => artifacts.map(({ kind }) => kind))
  }

  for (const name of ['', 'demo:', 'site:5000/demo:'])
    it(`under the tag ${name}sha256-<hex> gives an image its signatures`, async () => {
      const made = listed((folder, image) => [attachReferrer(folder, image, SIGNATURE)], name)
      for (const target of [made, packed(made)]) {
        expect(await carried(target)).to.deep.equal([['cosign signature']])
        expect((await verify({ store: at.store })).problems).to.deep.equal([])
        expect(await get({ store: at.store })).to.have.lengthOf(2)
      }
    })

  it('gives it nothing that is about another image, as the artifact itself says', async () => {
    const made = listed((folder, image) => [
      attachReferrer(folder, { ...image, digest: `sha256:${'1'.repeat(64)}` }, SIGNATURE),
    ])
    expect(await carried(made)).to.deep.equal([[]])
  })

  it('with a signature of which a part is missing is refused by install as by verify', async () => {
    const made = listed((folder, image) => {
      const root = attachReferrer(folder, image, { ...SIGNATURE, bytes: Buffer.from('a signature') })
      const [layer] = manifestsIn(folder).flatMap(({ entry, manifest }) =>
        entry.digest === root.digest ? manifest.layers : [],
      )
      rmSync(blobFile(folder, layer as Descriptor))
      return [root]
    })
    const { problems } = await verify({ paths: [made], store: at.store })
    expect(problems.map(({ code }) => code)).to.deep.equal(['BLOB_MISSING'])
    await failure(install({ targets: [made], store: at.store }), 'BLOB_MISSING')
  })

  it('of which nothing but attestations is there is listed once installed, and can be removed', async () => {
    const made = withAttestation(indexed(at.folder, [AMD64]), 'there')
    const [image, attestation] = manifestsIn(made).map(({ entry }) => entry) as [Descriptor, Descriptor]
    rmSync(blobFile(made, image))
    const alone = addIndex(made, [attestation])
    writeIndex(made, [{ ...alone, annotations: { [ANNOTATIONS.refName]: 'multi:1.0' } }])
    await install({ targets: [packed(made)], store: at.store })
    const rows = (await get({ store: at.store })) as { tag: string; kind?: string }[]
    expect(rows.map(({ tag, kind }) => [tag, kind])).to.deep.equal([['1.0', 'attestation']])
    await uninstall({ name: 'multi', version: '1.0', store: at.store })
    expect(await get({ store: at.store })).to.deep.equal([])
  })

  const unknown = { os: 'unknown', architecture: 'unknown' }
  for (const [what, entries] of Object.entries<(all: Descriptor[]) => Descriptor[]>({
    'with nothing in it': () => [],
    'with one image for an unknown platform': ([one]) => [{ ...(one as Descriptor), platform: unknown }],
    'with two such images': (all) => all.map((one) => ({ ...one, platform: unknown })),
  }))
    it(`${what} is not called incomplete`, async () => {
      const made = indexed(at.folder, [AMD64, ARM64])
      const all = manifestsIn(made).map(({ entry }) => entry)
      const named = { annotations: { [ANNOTATIONS.refName]: 'multi:1.0' } }
      writeIndex(made, [{ ...addIndex(made, entries(all)), ...named }])
      const { problems } = await verify({ paths: [made], store: at.store })
      expect(problems.map(({ code }) => code)).to.deep.equal(['INVALID_DOCUMENT'])
      const error = await failure(install({ targets: [made], store: at.store }), 'INVALID_DOCUMENT')
      expect(error).to.include({
        side: 'source',
        expected: 'an image for a platform such as linux/amd64',
      })
    })
})
