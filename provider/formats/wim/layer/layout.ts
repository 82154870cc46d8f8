import { padded } from '../../../archives/members/tar-header.js'
import { blobNamed } from '../read/named-blob.js'
import type { WimBlob } from '../read/resource-table.js'
import type { Wim } from '../read/wim.js'
import type { LayerEntry } from './layer-entry.js'
import { type Member, type MemberOf, streamMember } from './member.js'
import { headerSize } from './pax.js'

/** A run of members whose places are known before any of their bytes. */
export interface Layout {
  start: number
  end: number
  /** The contents in the order in which they stand in the tar: which blob each is, and where its bytes begin. */
  blobs: WimBlob[]
  positions: number[]
}

/**
 * The members of a run, in order, each with the blob that follows it: an entry and then its streams.
 * @param targetOf where a symlink or junction leads
 */
export function* membersOf(
  wim: Wim,
  entries: readonly LayerEntry[],
  memberOf: MemberOf,
  targetOf: (one: LayerEntry) => string,
): Generator<{ member: Member; blob: WimBlob | undefined }, void, undefined> {
  for (const one of entries) {
    const isLink = one.kind === 'symlink' || one.kind === 'junction'
    yield {
      member: memberOf(one, isLink ? targetOf(one) : ''),
      blob: one.kind === 'file' ? one.blob : undefined,
    }
    for (const { name, sha1 } of one.streams) {
      const blob = blobNamed(wim, one.entry, sha1)
      yield { member: streamMember(one, name, blob?.size ?? 0), blob }
    }
  }
}

/** Finds the places of a run that begins at a position of the tar. */
export function layOut(members: ReturnType<typeof membersOf>, start: number): Layout {
  const blobs: WimBlob[] = []
  const positions: number[] = []
  let at = start
  for (const { member, blob } of members) {
    at += headerSize(member.records)
    if (!blob || blob.size === 0) continue
    blobs.push(blob)
    positions.push(at)
    at += padded(blob.size)
  }
  return { start, end: at, blobs, positions }
}
