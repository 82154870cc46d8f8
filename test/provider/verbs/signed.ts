import { ANNOTATIONS, type Descriptor, MEDIA_TYPES, manifestBytes } from '../../../manifests/index.js'
import { addBlob, readIndex, writeIndex } from '../../fixtures/layout.js'

/** Puts a signature over a manifest into a layout, as cosign does: an image manifest with a tag of its scheme. */
export function addCosignTag(folder: string, subject: Descriptor, text = 'a signature'): Descriptor {
  const manifest = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: addBlob(folder, MEDIA_TYPES.ociConfig, Buffer.from(JSON.stringify(configOf(text)))),
    layers: [addBlob(folder, 'application/vnd.dev.cosign.simplesigning.v1+json', Buffer.from(text))],
  })
  const entry = {
    ...addBlob(folder, MEDIA_TYPES.ociManifest, manifest),
    annotations: { [ANNOTATIONS.refName]: `${subject.digest.replace(':', '-')}.sig` },
  }
  writeIndex(folder, [...readIndex(folder), entry])
  return entry
}

function configOf(text: string) {
  return { architecture: '', os: '', config: { Labels: { text } }, rootfs: { type: 'layers', diff_ids: [] } }
}

/** Puts an artifact that refers to a manifest by its subject into a layout. */
export function addReferrer(
  folder: string,
  subject: Descriptor,
  text = 'an sbom',
  layerType = 'text/plain',
): Descriptor {
  const { mediaType, digest, size } = subject
  const manifest = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType: 'application/vnd.example.sbom',
    config: addBlob(folder, MEDIA_TYPES.ociEmpty, Buffer.from('{}')),
    layers: [addBlob(folder, layerType, Buffer.from(text))],
    subject: { mediaType, digest, size },
  })
  const entry = {
    ...addBlob(folder, MEDIA_TYPES.ociManifest, manifest),
    artifactType: 'application/vnd.example.sbom',
  }
  writeIndex(folder, [...readIndex(folder), entry])
  return entry
}
