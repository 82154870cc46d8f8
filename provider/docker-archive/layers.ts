import { createHash } from 'node:crypto'
import { ContainerImageError, type Descriptor, type Digest, MEDIA_TYPES } from '../../manifests/index.js'
import { compressionOf, decompressed } from '../members/compression.js'
import type { Member, Members } from '../members/members.js'
import type { Bytes } from '../ports.js'

/** A layer of a docker archive, described as the OCI layer that it is. */
export interface ArchivedLayer {
  descriptor: Descriptor
  member: string
}

/**
 * Describes a layer. An uncompressed one is named by its diff id, which the verifying stream then checks; a
 * compressed one is read once, to learn its digest and to check its diff id.
 * @throws DIGEST_MISMATCH, ARCHIVE_INVALID, ARCHIVE_UNKNOWN
 */
export async function describeLayer(
  members: Members,
  member: Member,
  diffId: Digest,
  signal?: AbortSignal,
): Promise<ArchivedLayer> {
  const kind = compressionOf(await firstBytes(members, member))
  if (kind === 'none')
    return {
      member: member.name,
      descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest: diffId, size: member.size },
    }
  const mediaType = { gzip: MEDIA_TYPES.ociLayerGzip, zstd: MEDIA_TYPES.ociLayerZstd, xz: '', bzip2: '' }[
    kind
  ]
  if (mediaType === '')
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
  const digest = await digestAndCheck(members, member, diffId, kind, signal)
  return { member: member.name, descriptor: { mediaType, digest, size: member.size } }
}

async function firstBytes(members: Members, member: Member): Promise<Uint8Array> {
  for await (const chunk of members.read(member.name)) return chunk
  return new Uint8Array(0)
}

async function digestAndCheck(
  members: Members,
  member: Member,
  diffId: Digest,
  kind: 'gzip' | 'zstd' | 'xz' | 'bzip2',
  signal?: AbortSignal,
): Promise<Digest> {
  const compressed = createHash('sha256')
  const plain = createHash('sha256')
  async function* hashed(): Bytes {
    for await (const chunk of members.read(member.name, signal ? { signal } : {})) {
      compressed.update(chunk)
      yield chunk
    }
  }
  const label = `${members.label}: ${member.name}`
  for await (const chunk of decompressed(hashed(), kind, label)) plain.update(chunk)
  const found = `sha256:${plain.digest('hex')}`
  if (found !== diffId)
    throw new ContainerImageError('DIGEST_MISMATCH', `${label} is not the layer that the config names.`, {
      side: 'source',
      expected: diffId,
      found,
    })
  return `sha256:${compressed.digest('hex')}`
}
