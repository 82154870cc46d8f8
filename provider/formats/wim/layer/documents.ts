import {
  ANNOTATIONS,
  configBytes,
  type Descriptor,
  digestOf,
  type ImageConfig,
  MEDIA_TYPES,
  manifestBytes,
} from '../../../../manifests/index.js'
import type { MadeLayer } from '../../../copy/ports.js'
import type { LayerFacts } from './facts.js'
import { isoTime } from './times.js'

export interface MadeDocument {
  descriptor: Descriptor
  bytes: Uint8Array
}

/** Config and manifest of an image of one layer. */
export function layerDocuments(
  layer: MadeLayer,
  facts: LayerFacts,
  identity: string,
): { config: MadeDocument; manifest: MadeDocument } {
  const created = isoTime(facts.createdAt)
  const config: ImageConfig = {
    ...facts.platform,
    created,
    config: facts.config ?? runSettings(facts.platform.os),
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, created_by: `Apply image ${facts.version}`, comment: 'made of a WIM' }],
  }
  const madeConfig = made(MEDIA_TYPES.ociConfig, configBytes(config))
  const manifest = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: madeConfig.descriptor,
    layers: [layer.descriptor],
    annotations: {
      [ANNOTATIONS.madeOf]: identity,
      ...(facts.edition ? { [ANNOTATIONS.edition]: facts.edition } : {}),
    },
  })
  return { config: madeConfig, manifest: made(MEDIA_TYPES.ociManifest, manifest) }
}

/** What base images have: of Windows its command line, of Linux the path of its programs. */
function runSettings(os: string): NonNullable<ImageConfig['config']> {
  if (os === 'windows') return { Cmd: ['c:\\windows\\system32\\cmd.exe'] }
  return { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['/bin/sh'] }
}

function made(mediaType: string, bytes: Uint8Array): MadeDocument {
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}
