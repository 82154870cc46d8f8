import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, MEDIA_TYPES } from '../../manifests/index.js'
import { get, install } from '../../provider/index.js'
import { attack, tagsOf } from './attack.js'
import { type Documents, documents } from './documents.js'

const HOSTILE: Record<string, string> = {
  'a way out': '../x',
  'a way out in the middle': 'a/../../x',
  'a backslash': '..\\x',
  'an absolute path': '/etc/passwd',
  'a control': 'evil\u001b[2J',
  'a line break': 'evil\nhonest:latest',
  'a mark that turns the reading direction': 'evil\u202e0.1',
  'ten thousand signs': 'x'.repeat(10_000),
  'only signs': '---',
  'a dot': '.',
}

describe('tag poisoning: names from annotations (CVE-2026-50195, CVE-2026-53488)', () => {
  const host = attack()

  const layout = (annotations: Record<string, string>, folder = 'layout'): Documents => {
    const made = documents(path.join(host.stick, folder))
    const root = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
    made.index({ schemaVersion: 2, manifests: [{ ...root, annotations }] })
    return made
  }

  for (const [what, text] of Object.entries(HOSTILE)) {
    for (const key of [ANNOTATIONS.name, ANNOTATIONS.imageVersion]) {
      if (key === ANNOTATIONS.imageVersion && (text === '---' || text.length > 255)) continue
      it(`refuses ${what} as ${key}`, async () => {
        const made = layout({ [ANNOTATIONS.refName]: 'evil:1.0', [key]: text })
        await host.refused(made.folder, 'UNSAFE_NAME')
      })
    }

    it(`refuses ${what} as the name of the specification`, async () => {
      await host.refused(layout({ [ANNOTATIONS.refName]: text }).folder, 'UNSAFE_NAME')
    })

    it(`refuses ${what} as containerd's name`, async () => {
      await host.refused(layout({ [ANNOTATIONS.containerdName]: `${text}:1` }).folder, 'UNSAFE_NAME')
    })
  }

  it('refuses a publisher that could steer a terminal', async () => {
    const made = layout({ [ANNOTATIONS.refName]: 'evil:1.0', [ANNOTATIONS.publisher]: 'Micro\u001b[8msoft' })
    await host.refused(made.folder, 'UNSAFE_NAME')
  })

  it('takes names in upper case, in lower case', async () => {
    const made = layout({ [ANNOTATIONS.refName]: 'Upper/Case:1.0-RC' })
    expect(await host.allowed(made.folder)).to.include.members(['upper/case:1.0-RC', 'upper/case:latest'])
  })

  it('lets the user name what an archive names badly', async () => {
    const made = layout({ [ANNOTATIONS.refName]: '../x', [ANNOTATIONS.name]: '../x' })
    const tags = await host.allowed(made.folder, { name: 'renamed', version: '2.0' })
    expect(tags).to.include.members(['renamed:2.0', 'renamed:latest'])
  })

  it('keeps what labels say out of names', async () => {
    const made = documents(path.join(host.stick, 'layout'))
    const { manifest, layer } = made.parts()
    const config = made.put(MEDIA_TYPES.ociConfig, {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      config: { Labels: { [ANNOTATIONS.refName]: 'honest:latest', vendor: 'Some_one else' } },
    })
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, config }))
    const before = tagsOf(host.store)
    expect(await host.allowed(made.folder)).to.have.members([...before, 'evil:1.0', 'evil:latest'])
    const [evil] = await get({ store: host.store, names: ['evil'] })
    expect(evil?.fullName).to.equal('CN=Some-one-else_evil_1.0')
  })

  describe('by an artifact that travels along', () => {
    const withArtifact = (tag: string): { folder: string; image: Descriptor } => {
      const made = documents(path.join(host.stick, 'layout'))
      const image = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
      const { digest, size } = image
      const artifact = made.put(MEDIA_TYPES.ociManifest, {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        artifactType: 'application/vnd.example',
        config: made.put(MEDIA_TYPES.ociEmpty, {}),
        layers: [],
        subject: { mediaType: MEDIA_TYPES.ociManifest, digest, size },
      })
      const annotations = { [ANNOTATIONS.refName]: tag }
      made.index({
        schemaVersion: 2,
        manifests: [
          { ...image, annotations: { [ANNOTATIONS.refName]: 'signed:1.0' } },
          { ...artifact, artifactType: 'application/vnd.example', annotations },
        ],
      })
      return { folder: made.folder, image }
    }

    for (const tag of [
      'latest',
      'signed:latest',
      'honest:latest',
      '1.0',
      '../x',
      'x y',
      `sha256-${'a'.repeat(64)}.sig`,
    ])
      it(`gives it no tag ${tag}`, async () => {
        const { folder, image } = withArtifact(tag)
        await install({ targets: [folder], store: host.store })
        const rows = await get({ store: host.store, names: ['signed'] })
        expect(rows.map((row) => [row.tag, row.digest])).to.have.deep.members([
          ['1.0', image.digest],
          ['latest', image.digest],
        ])
        expect(tagsOf(host.store).filter((name) => /sig$|\.\.|x y/.test(name))).to.deep.equal([])
        const [honest] = await get({ store: host.store, names: ['honest:latest'] })
        expect(honest?.name).to.equal('honest')
      })

    it('leaves latest to the image under --no-latest as well', async () => {
      const { folder } = withArtifact('latest')
      const before = tagsOf(host.store).filter((name) => name.endsWith(':latest'))
      await install({ targets: [folder], store: host.store, name: 'quiet', version: '1', noLatest: true })
      expect(tagsOf(host.store).filter((name) => name.endsWith(':latest'))).to.have.members(before)
    })
  })
})
