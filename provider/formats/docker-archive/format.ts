import type { Format } from '../format.js'
import { savedTar } from '../in-place/saved-tar.js'

/** What `docker save` wrote before it wrote layouts, and what older engines read. */
export const dockerArchive: Format = {
  name: 'docker-archive',
  endings: ['.tar'],
  async inside({ members, has, signal }) {
    const { dockerArchiveSource } = await import('./source.js')
    if (await has('manifest.json')) return await dockerArchiveSource(members, signal)
    const { withManifest } = await import('./before-manifests.js')
    const listed = await withManifest(members, signal)
    return listed && (await dockerArchiveSource(listed, signal))
  },
  saved: {
    isNamed: true,
    keepsWims: true,
    imagesOnly: true,
    // It has no way to say that a layer is a delta.
    delta: 'layers',
    ...savedTar('docker-archive'),
  },
}
