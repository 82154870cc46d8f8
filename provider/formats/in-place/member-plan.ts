import { createHash } from 'node:crypto'
import type { Descriptor, Digest } from '../../../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../../archives/members/tar-header.js'

/** One file of the planned archive. */
export interface PlannedMember {
  name: string
  /** In bytes. */
  size: number
  /** For a blob or a document of the images. */
  descriptor?: Descriptor
  /** For bytes that are already known, and are written at once. */
  bytes?: Uint8Array
  /** Where its header is, from the start of the archive; its bytes begin one block later. */
  offset: number
}

/** Where every byte of the archive goes, known before the first blob arrives. */
export interface MemberPlan {
  members: PlannedMember[]
  /** The blobs that are still to come. */
  blobs: Map<Digest, PlannedMember>
  /** The documents of the images that are written at once. */
  documents: Set<Digest>
  /** Size of the finished archive in bytes. */
  size: number
  /**
   * Shows whether an interrupted archive belongs to this very plan: SHA-256 over names, sizes and documents.
   */
  identity: Buffer
}

/** Two blocks of zeros end a tar (POSIX.1-2017, pax). */
export const END_BYTES = 2 * BLOCK

/** Lays members out one after the other, in the order given. */
export function layOut(members: Omit<PlannedMember, 'offset'>[]): MemberPlan {
  const identity = createHash('sha256')
  const placed: PlannedMember[] = []
  let offset = 0
  for (const member of members) {
    placed.push({ ...member, offset })
    offset += BLOCK + padded(member.size)
    identity.update(`${member.name} ${member.size} ${member.descriptor?.digest ?? ''}\n`)
    if (member.bytes) identity.update(member.bytes)
  }
  const blobs = new Map<Digest, PlannedMember>()
  const documents = new Set<Digest>()
  for (const member of placed)
    if (member.descriptor && member.bytes) documents.add(member.descriptor.digest)
    else if (member.descriptor) blobs.set(member.descriptor.digest, member)
  return { members: placed, blobs, documents, size: offset + END_BYTES, identity: identity.digest() }
}

/** Where a member's own bytes begin, from the start of the archive. */
export function bytesOffset(member: PlannedMember): number {
  return member.offset + BLOCK
}

/** A member's header block. */
export function headerOf(member: PlannedMember): Buffer {
  return fileHeader(member.name, member.size)
}
