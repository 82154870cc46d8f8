import {
  type Descriptor,
  digestOf,
  isIndexType,
  isManifestType,
  LIMITS,
  MEDIA_TYPES,
  parseObject,
  splitDigest,
} from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { parsed } from '../../copy/documents.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'

/**
 * The folder that skopeo writes as `dir:`: `manifest.json` is the image's manifest or index, and every blob
 * is a file named by the hex of its digest (containers/image, directory transport).
 * @throws INVALID_DOCUMENT, BLOB_MISSING
 */
export async function directorySource(members: Members): Promise<ImageCollection> {
  const bytes = await collect(members.read('manifest.json'), LIMITS.manifestBytes, members.label)
  const root: Descriptor = {
    mediaType: parsed(members.label, () => mediaTypeOf(bytes)),
    digest: digestOf(bytes),
    size: bytes.length,
  }
  const fileOf = async (descriptor: Descriptor): Promise<string> => {
    if (descriptor.digest === root.digest) return 'manifest.json'
    const { hex } = splitDigest(descriptor.digest)
    const manifest = `${hex}.manifest.json`
    return (await members.find(manifest)) ? manifest : hex
  }
  return {
    label: members.label,
    format: 'directory of skopeo',
    concurrency: 4,
    async images() {
      return [{ root, annotations: {} }]
    },
    async resolve(name) {
      if (name === root.digest) return root
      throw noSuchImage(members.label, name, {
        side: 'source',
      })
    },
    async *read(descriptor, options) {
      yield* members.read(await fileOf(descriptor), options)
    },
    async holds(descriptor) {
      return (await members.find(await fileOf(descriptor))) !== undefined
    },
    async locate(descriptor) {
      return await members.locate(await fileOf(descriptor))
    },
    close: () => members.close(),
  }
}

function mediaTypeOf(bytes: Uint8Array): string {
  const document = parseObject(bytes, 'manifest', LIMITS.manifestBytes)
  const said = document.mediaType
  if (typeof said === 'string' && (isManifestType(said) || isIndexType(said))) return said
  return 'manifests' in document ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest
}
