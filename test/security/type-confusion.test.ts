import path from 'node:path'
import { MEDIA_TYPES } from '../../manifests/index.js'
import { attack } from './attack.js'
import { type Documents, documents } from './documents.js'

describe('type confusion: a document of two kinds (CVE-2021-41190)', () => {
  const host = attack()
  const layout = (): Documents => documents(path.join(host.stick, 'layout'))

  const refusedManifest = async (change: (manifest: object, made: Documents) => unknown): Promise<void> => {
    const made = layout()
    made.entry(made.put(MEDIA_TYPES.ociManifest, change(made.parts().manifest, made)))
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  }

  const refusedIndex = async (change: (index: object, made: Documents) => unknown): Promise<void> => {
    const made = layout()
    const inner = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
    made.entry(made.put(MEDIA_TYPES.ociIndex, change({ schemaVersion: 2, manifests: [inner] }, made)))
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  }

  for (const key of ['manifests', 'Manifests', 'MANIFESTS', 'manifest\u017f', 'fsLayers', 'FSLAYERS'])
    it(`refuses a manifest with ${key}`, () => refusedManifest((manifest) => ({ ...manifest, [key]: [] })))

  for (const key of ['layers', 'Layers', 'LAYERS', 'layer\u017f', 'config', 'Config', 'fsLayers'])
    it(`refuses an index with ${key}`, () => refusedIndex((index) => ({ ...index, [key]: [] })))

  for (const key of ['Config', 'Layers', 'MediaType', 'SchemaVersion', 'Subject', 'ArtifactType'])
    it(`refuses a manifest with ${key}, which Go takes for the one in lower case`, () =>
      refusedManifest((manifest) => ({ ...manifest, [key]: 2 })))

  for (const key of ['Manifests', 'MediaType', 'SCHEMAVERSION'])
    it(`refuses an index with ${key}, which Go takes for the one in lower case`, () =>
      refusedIndex((index) => ({ ...index, [key]: 2 })))

  it('refuses a manifest with one member twice', () =>
    refusedManifest((manifest) => `{"layers":[],${JSON.stringify(manifest).slice(1)}`))

  it('refuses a manifest with one member twice, once with an escape', () =>
    refusedManifest((manifest) => `{"l\\u0061yers":[],${JSON.stringify(manifest).slice(1)}`))

  it('refuses a manifest that its descriptor calls an index', async () => {
    const made = layout()
    made.entry({ ...made.put('x', made.parts().manifest), mediaType: MEDIA_TYPES.ociIndex })
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  })

  it('refuses an index that its descriptor calls a manifest', async () => {
    const made = layout()
    const inner = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
    const index = made.put('x', { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [inner] })
    made.entry({ ...index, mediaType: MEDIA_TYPES.ociManifest })
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  })

  it('refuses a manifest whose own type is another than that of its descriptor', async () => {
    const made = layout()
    made.entry({ ...made.put('x', made.parts().manifest), mediaType: MEDIA_TYPES.dockerManifest })
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  })

  it('refuses a layout whose index.json is a manifest as well', async () => {
    const made = layout()
    const { manifest } = made.parts()
    made.index({ ...manifest, mediaType: MEDIA_TYPES.ociIndex, manifests: [] })
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  })

  it('refuses a config with fewer diff ids than the manifest has layers', async () => {
    const made = layout()
    const { manifest, layer } = made.parts()
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers: [layer, layer] }))
    await host.refused(made.folder, 'INVALID_DOCUMENT')
  })

  it('refuses one blob that is a manifest here and a layer there: it is not a tar', async () => {
    const made = layout()
    const parts = made.parts()
    const manifest = made.put(MEDIA_TYPES.ociManifest, parts.manifest)
    const odd = made.put(MEDIA_TYPES.ociManifest, {
      ...parts.manifest,
      config: made.put(MEDIA_TYPES.ociConfig, {
        os: 'linux',
        architecture: 'amd64',
        rootfs: { type: 'layers', diff_ids: [manifest.digest] },
      }),
      layers: [{ ...manifest, mediaType: MEDIA_TYPES.ociLayer }],
    })
    made.index({
      schemaVersion: 2,
      manifests: [
        { ...odd, annotations: { 'org.opencontainers.image.ref.name': 'odd:1.0' } },
        { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'evil:1.0' } },
      ],
    })
    await host.refused(made.folder, 'LAYER_INVALID')
  })
})
