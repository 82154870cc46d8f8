import { createHash } from 'node:crypto'
import {
  BLOBS_FOLDER,
  ContainerImageError,
  type Descriptor,
  type Digest,
  isDigest,
  MEDIA_TYPES,
} from '../../../manifests/index.js'
import { checkLayerBytes } from '../../archives/layers/check-layer.js'
import type { LayerOs } from '../../archives/layers/whiteout.js'
import { compressionOf } from '../../archives/members/compression.js'
import type { Member, Members } from '../../archives/members/members.js'
import type { Bytes } from '../../io/bytes.js'

/** A layer of a docker archive, described as the OCI layer that it is. */
export interface ArchivedLayer {
  descriptor: Descriptor
  member: string
}

/** What the config says of a layer. */
export interface ConfiguredLayer {
  diffId: Digest
  os: LayerOs
}

/**
 * Describes a layer. An uncompressed one is named by its diff id, which the verifying stream then checks, and one among
 * the blobs of a layout by its path; any other compressed one is read once, to learn its digest, and to check
 * its diff id and its tar.
 * @throws DIGEST_MISMATCH, ARCHIVE_INVALID, ARCHIVE_UNKNOWN, UNSAFE_NAME
 */
export async function describeLayer(
  members: Members,
  member: Member,
  configured: ConfiguredLayer,
  signal?: AbortSignal,
): Promise<ArchivedLayer> {
  const kind = compressionOf(await firstBytes(members, member))
  if (kind === 'none')
    return {
      member: member.name,
      descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest: configured.diffId, size: member.size },
    }
  if (kind !== 'gzip' && kind !== 'zstd')
    throw new ContainerImageError(
      'ARCHIVE_UNKNOWN',
      `${members.label}: layer ${member.name} is compressed with ${kind}.`,
      {
        side: 'source',
        expected: 'a layer that is not compressed, or with gzip or zstd',
        found: kind,
        remedy: 'Save the image again with a program that writes plain or gzip layers.',
      },
    )
  const mediaType = kind === 'gzip' ? MEDIA_TYPES.ociLayerGzip : MEDIA_TYPES.ociLayerZstd
  const digest = digestOfBlobPath(member.name) ?? (await digestAndCheck(members, member, configured, signal))
  return { member: member.name, descriptor: { mediaType, digest, size: member.size } }
}

/** The digest in the path of a blob of a layout: `blobs/sha256/<hex>`. */
export function digestOfBlobPath(name: string): Digest | undefined {
  const [folder, algorithm, hex, ...more] = name.split('/')
  const digest = `${algorithm}:${hex}`
  return folder === BLOBS_FOLDER && more.length === 0 && isDigest(digest) ? digest : undefined
}

async function firstBytes(members: Members, member: Member): Promise<Uint8Array> {
  for await (const chunk of members.read(member.name)) return chunk
  return new Uint8Array(0)
}

async function digestAndCheck(
  members: Members,
  member: Member,
  { diffId, os }: ConfiguredLayer,
  signal?: AbortSignal,
): Promise<Digest> {
  const compressed = createHash('sha256')
  async function* hashed(): Bytes {
    for await (const chunk of members.read(member.name, { signal })) {
      compressed.update(chunk)
      yield chunk
    }
  }
  const label = `${members.label}: ${member.name}`
  await checkLayerBytes(hashed(), { os, label, diffIds: new Set([diffId]), signal })
  return `sha256:${compressed.digest('hex')}`
}
