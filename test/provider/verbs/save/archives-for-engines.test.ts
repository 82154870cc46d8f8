import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type Descriptor, MEDIA_TYPES } from '../../../../manifests/index.js'
import { tarMembers } from '../../../../provider/archives/members/tar.js'
import { collect } from '../../../../provider/copy/read-verified.js'
import { install, save, verify } from '../../../../provider/index.js'
import { type MadeImage, type MadeLayer, makeLayout, readIndex } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { addCosignTag, addReferrer } from '../signed.js'

const folders = scratch()
after(() => folders.remove())

const IMAGE: MadeImage = {
  refName: 'debian:12.5',
  layers: [{ files: { 'etc/a': 'a' } }, { files: { 'etc/b': 'b' } }],
}

async function document(archive: string, name: string): Promise<never> {
  const members = await tarMembers(archive)
  return JSON.parse(Buffer.from(await collect(members.read(name), 1 << 20, archive)).toString()) as never
}

describe('an archive of a signed image', () => {
  const SIGNED: Record<string, (folder: string, subject: Descriptor) => Descriptor[]> = {
    'by cosign': (folder, subject) => [addCosignTag(folder, subject)],
    'by a referrer': (folder, subject) => [addReferrer(folder, subject)],
    'in both ways': (folder, subject) => [addReferrer(folder, subject), addCosignTag(folder, subject)],
  }

  for (const [how, sign] of Object.entries(SIGNED))
    for (const format of ['oci-archive', 'docker-archive'] as const)
      it(`names nothing but the image to engines: ${how}, ${format}`, async () => {
        const from = folders.folder()
        const [subject] = makeLayout(from, [IMAGE])
        sign(from, subject as Descriptor)
        const file = path.join(folders.folder(), 'signed.tar')
        await save({ names: [from], path: file, format })
        const images: { RepoTags: string[] }[] = await document(file, 'manifest.json')
        expect(images.map(({ RepoTags }) => RepoTags)).to.deep.equal([['debian:12.5', 'debian:latest']])
        if (format === 'docker-archive') return
        const index: { manifests: Descriptor[] } = await document(file, 'index.json')
        const named = index.manifests.filter(({ annotations = {} }) =>
          Object.keys(annotations).some((key) =>
            /^(org\.opencontainers\.image\.ref|io\.containerd)/.test(key),
          ),
        )
        expect(named.map(({ digest }) => digest)).to.deep.equal([subject?.digest])
      })

  for (const [how, sign] of Object.entries(SIGNED))
    it(`brings the signatures along, to a store and to the next archive: ${how}`, async () => {
      const from = folders.folder()
      const [subject] = makeLayout(from, [IMAGE])
      const signatures = sign(from, subject as Descriptor).map(({ digest }) => digest)
      const [first, second] = ['first.tar', 'second.tar'].map((name) => path.join(folders.folder(), name))
      const store = path.join(folders.folder(), 'store')
      await save({ names: [from], path: first as string })
      await save({ names: [first as string], path: second as string })
      expect((await verify({ paths: [second as string] })).problems).to.deep.equal([])
      await install({ targets: [second as string], store })
      const installed = readIndex(store)
      expect(installed.map(({ digest }) => digest)).to.include.members(signatures)
      if (how === 'by a referrer') return
      const tag = `debian:${subject?.digest.replace(':', '-')}.sig`
      expect(
        installed.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name']),
      ).to.include(tag)
    })
})

describe('a docker archive of layers with zstd', () => {
  /** What the layer says it is decides here; nothing is unpacked. */
  const zstd = { files: { 'etc/a': 'a' }, mediaType: MEDIA_TYPES.ociLayerZstd }

  for (const [what, layers] of Object.entries<MadeLayer[]>({
    'the only layer': [zstd],
    'the first of two': [zstd, { files: { b: 'b' } }],
    'the last of three': [{ files: { c: 'c' } }, { files: { b: 'b' }, compression: 'none' }, zstd],
  }))
    it(`is refused, and nothing is written: ${what}`, async () => {
      const from = folders.folder()
      makeLayout(from, [{ refName: 'debian:12.5', layers }])
      const file = path.join(folders.folder(), 'docker.tar')
      const error = await save({ names: [from], path: file, format: 'docker-archive' }).then(
        () => undefined,
        (reason) => reason,
      )
      expect(error).to.include({ code: 'FORMAT_UNFIT', side: 'destination' })
      expect(error.remedy).to.include('OCI archive')
      expect([existsSync(file), existsSync(`${file}.part`)]).to.deep.equal([false, false])
      await save({ names: [from], path: file })
      expect(readFileSync(file).length).to.be.greaterThan(0)
    })
})
