import path from 'node:path'
import { expect } from 'chai'
import { blobPath, digestOf, MEDIA_TYPES } from '../../manifests/index.js'
import { Places } from '../../provider/store/places.js'
import { tarOf } from '../fixtures/layout.js'
import { attack } from './attack.js'
import { configFor, documents } from './documents.js'
import { END, member } from './tar-builder.js'

const DIGESTS = [
  'sha256:../../../../../../etc/passwd',
  'sha256:..',
  '../../x:abc',
  `sha256:${'A'.repeat(64)}`,
  `SHA256:${'a'.repeat(64)}`,
  `sha256:${'a'.repeat(63)}`,
  `sha256:${'a'.repeat(65)}`,
  `sha256:${'a'.repeat(64)}/../x`,
  `sha256:${'a'.repeat(64)}\n`,
  `sha256:\n${'a'.repeat(64)}`,
  `md5:${'a'.repeat(32)}`,
  `sha384:${'a'.repeat(96)}`,
  `sha512:${'a'.repeat(64)}`,
  `sha256+b64:${'a'.repeat(64)}`,
  '',
  'sha256:',
  'sha256',
  42,
  null,
  ['sha256:x'],
]

describe('a digest as a path (CVE-2024-3727)', () => {
  const host = attack()

  for (const digest of DIGESTS) {
    const shown = JSON.stringify(digest)
    describe(shown.slice(0, 60), () => {
      it('is refused in the index of a layout', async () => {
        const made = documents(path.join(host.stick, 'layout'))
        made.entry({ mediaType: MEDIA_TYPES.ociManifest, digest, size: 10 })
        await host.refused(made.folder, 'INVALID_DOCUMENT')
      })

      for (const part of ['config', 'layers', 'subject'])
        it(`is refused for ${part} of a manifest`, async () => {
          if (part === 'subject' && digest === null) return
          const made = documents(path.join(host.stick, 'layout'))
          const bad = { mediaType: MEDIA_TYPES.ociLayer, digest, size: 10 }
          const change = part === 'layers' ? { layers: [bad] } : { [part]: bad }
          made.entry(made.put(MEDIA_TYPES.ociManifest, { ...made.parts().manifest, ...change }))
          await host.refused(made.folder, 'INVALID_DOCUMENT')
        })

      it('is refused in an index', async () => {
        const made = documents(path.join(host.stick, 'layout'))
        const manifests = [{ mediaType: MEDIA_TYPES.ociManifest, digest, size: 10 }]
        made.entry(made.put(MEDIA_TYPES.ociIndex, { schemaVersion: 2, manifests }))
        await host.refused(made.folder, 'INVALID_DOCUMENT')
      })

      it('is refused for a diff id', async () => {
        const made = documents(path.join(host.stick, 'layout'))
        const config = made.put(MEDIA_TYPES.ociConfig, configFor([digest as string]))
        made.entry(made.put(MEDIA_TYPES.ociManifest, { ...made.parts().manifest, config }))
        await host.refused(made.folder, 'INVALID_DOCUMENT')
      })

      it('is refused for a diff id in a docker archive', async () => {
        const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: ['evil:1'], Layers: ['layer.tar'] }])
        const file = host.bring(
          'docker.tar',
          member({ name: 'manifest.json', bytes: Buffer.from(manifest) }),
          member({ name: 'c.json', bytes: Buffer.from(JSON.stringify(configFor([digest as string]))) }),
          member({ name: 'layer.tar', bytes: tarOf({ x: 'x' }) }),
          END,
        )
        await host.refused(file, 'INVALID_DOCUMENT')
      })

      it('becomes no path', () => {
        expect(() => blobPath(digest as string))
          .to.throw()
          .with.property('code', 'INVALID_DIGEST')
        const places = new Places('/store')
        expect(() => places.blob(digest as string))
          .to.throw()
          .with.property('code', 'INVALID_DIGEST')
        expect(() => places.ingest(digest as string))
          .to.throw()
          .with.property('code', 'INVALID_DIGEST')
      })
    })
  }

  it('takes no bytes under a name that is another digest than theirs', async () => {
    const made = documents(path.join(host.stick, 'layout'))
    const { manifest, layer } = made.parts()
    const other = { ...layer, digest: digestOf('other') }
    made.put('x', 'other')
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers: [other] }))
    await host.refused(made.folder, 'SIZE_MISMATCH')
  })
})
