import { MEDIA_TYPES } from '../../manifests/index.js'

/** JSON as the bytes of a document. */
export function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value), 'utf8')
}

export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
export const OTHER_DIGEST = `sha256:${'fedcba9876543210'.repeat(4)}`

type Members = Record<string, unknown>

export function descriptor(change: Members = {}): Members {
  return { mediaType: MEDIA_TYPES.ociLayerGzip, digest: DIGEST, size: 148, ...change }
}

export function manifest(change: Members = {}): Members {
  return {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: descriptor({ mediaType: MEDIA_TYPES.ociConfig, digest: OTHER_DIGEST }),
    layers: [descriptor()],
    ...change,
  }
}

export function index(change: Members = {}): Members {
  return {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: [descriptor({ mediaType: MEDIA_TYPES.ociManifest })],
    ...change,
  }
}

export function config(change: Members = {}): Members {
  return { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [DIGEST] }, ...change }
}
