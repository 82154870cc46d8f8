import type http from 'node:http'
import { type Descriptor, type Digest, digestOf, isDigest, MEDIA_TYPES } from '../../../manifests/index.js'
import { type FaultyServer, json, type Seen, serve, startFaultyServer } from './faulty-server.js'
import { tarOf } from './small-image.js'

export const SBOM = 'application/vnd.example.sbom'

/** A registry that has a repository, another one for each test, as `base/app`. */
export async function startRepository(current: () => Repository): Promise<FaultyServer> {
  return await startFaultyServer((request, response) =>
    current().answer(request.url.replace('/v2/base/app/', ''), request, response),
  )
}

/** One repository in memory, as a well-behaved registry has it. */
export class Repository {
  readonly blobs = new Map<string, Buffer>()
  readonly manifests = new Map<string, { type: string; bytes: Buffer }>()
  readonly tags = new Map<string, Digest>()
  hasReferrersApi = true
  listsTags = true

  blob(bytes: Buffer | string, mediaType = 'application/octet-stream'): Descriptor {
    const all = Buffer.from(bytes)
    const digest = digestOf(all)
    this.blobs.set(digest, all)
    return { mediaType, digest, size: all.length }
  }

  manifest(document: { mediaType: string; [key: string]: unknown }, ...tags: string[]): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document))
    const digest = digestOf(bytes)
    this.manifests.set(digest, { type: document.mediaType, bytes })
    for (const tag of tags) this.tags.set(tag, digest)
    return { mediaType: document.mediaType, digest, size: bytes.length }
  }

  image(architecture: string, ...tags: string[]): Descriptor {
    return this.imageOf(tarOf('made-for', Buffer.from(architecture)), architecture, ...tags)
  }

  /** An image of one layer that is not compressed. */
  imageOf(bytes: Buffer, architecture: string, ...tags: string[]): Descriptor {
    const layer = this.blob(bytes, MEDIA_TYPES.ociLayer)
    const config = {
      architecture,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }
    const image = this.manifest(
      {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        config: this.blob(JSON.stringify(config), MEDIA_TYPES.ociConfig),
        layers: [layer],
      },
      ...tags,
    )
    return { ...image, platform: { os: 'linux', architecture } }
  }

  index(manifests: Descriptor[], ...tags: string[]): Descriptor {
    return this.manifest({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }, ...tags)
  }

  /** Something that refers to a manifest, or by its tag alone. */
  artifact(subject: Descriptor | undefined, what: string, ...tags: string[]): Descriptor {
    const { mediaType = '', digest = '', size = 0 } = subject ?? {}
    const document = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      artifactType: SBOM,
      config: this.blob('{}', 'application/vnd.oci.empty.v1+json'),
      layers: [this.blob(what, 'text/plain')],
      ...(subject ? { subject: { mediaType, digest, size } } : {}),
    }
    return { ...this.manifest(document, ...tags), artifactType: SBOM }
  }

  referrersOf(subject: string): Descriptor[] {
    const found: Descriptor[] = []
    for (const [digest, { type, bytes }] of this.manifests) {
      const document = JSON.parse(bytes.toString())
      if (document.subject?.digest === subject)
        found.push({
          mediaType: type,
          digest: digest as Digest,
          size: bytes.length,
          artifactType: document.artifactType,
        })
    }
    return found
  }

  /** Answers a request of which the repository's part of the path is cut off: `manifests/1.0`. */
  answer(path: string, request: Seen, response: http.ServerResponse): unknown {
    const [, kind = '', name = ''] = /^(manifests|blobs|referrers|tags)\/([^?]*)/.exec(path) ?? []
    const missing = (code: string): undefined => json(response, 404, { errors: [{ code }] })
    if (kind === 'tags')
      return this.listsTags
        ? json(response, 200, { tags: [...this.tags.keys()].sort() })
        : missing('NOT_FOUND')
    if (kind === 'referrers') {
      if (!this.hasReferrersApi) return missing('NOT_FOUND')
      const manifests = this.referrersOf(name)
      return json(response, 200, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })
    }
    if (kind === 'blobs') {
      const bytes = this.blobs.get(name)
      if (!bytes) return missing('BLOB_UNKNOWN')
      return request.method === 'HEAD'
        ? response.writeHead(200, { 'content-length': bytes.length }).end()
        : serve(request, response, bytes)
    }
    const digest = isDigest(name) ? name : this.tags.get(name)
    const found = digest && this.manifests.get(digest)
    if (!found) return missing('MANIFEST_UNKNOWN')
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': found.bytes.length,
      'docker-content-digest': digest,
    })
    return response.end(request.method === 'HEAD' ? undefined : found.bytes)
  }
}
