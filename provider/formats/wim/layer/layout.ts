import { headerSize } from '../../../archives/members/pax-headers.js'
import { padded } from '../../../archives/members/tar-header.js'
import { blobNamed } from '../read/named-blob.js'
import type { WimBlob } from '../read/resource-table.js'
import type { Wim } from '../read/wim.js'
import type { LayerEntry } from './layer-entry.js'
import { type Member, type MemberOf, streamMember, usualHeaderSize } from './member.js'

/** A run of members whose places are known before any of their bytes. */
export interface Layout {
  start: number
  end: number
  /** The contents in the order of the tar: which blob each is, and where its bytes begin. */
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
    yield {
      member: entryMember(one, memberOf, targetOf),
      blob: one.kind === 'file' ? one.blob : undefined,
    }
    if (one.streams.length > 0) yield* streamMembers(wim, one)
  }
}

/**
 * Finds the places of a run that begins at a position of the tar.
 * @param targetOf as for membersOf
 */
export function layOut(
  wim: Wim,
  entries: readonly LayerEntry[],
  memberOf: MemberOf,
  targetOf: (one: LayerEntry) => string,
  start: number,
): Layout {
  const blobs: WimBlob[] = []
  const positions: number[] = []
  let at = start
  const place = (blob: WimBlob | undefined): void => {
    if (!blob || blob.size === 0) return
    blobs.push(blob)
    positions.push(at)
    at += padded(blob.size)
  }
  for (const one of entries) {
    // Headers are made only once, when they are written, if making them here would tell nothing new.
    const usual = leadsElsewhere(one) ? undefined : usualHeaderSize(one)
    at += usual ?? headerSize(entryMember(one, memberOf, targetOf).records)
    place(one.kind === 'file' ? one.blob : undefined)
    if (one.streams.length === 0) continue
    for (const { member, blob } of streamMembers(wim, one)) {
      at += headerSize(member.records)
      place(blob)
    }
  }
  return { start, end: at, blobs, positions }
}

function leadsElsewhere({ kind }: LayerEntry): boolean {
  return kind === 'symlink' || kind === 'junction' || kind === 'hard link'
}

function entryMember(one: LayerEntry, memberOf: MemberOf, targetOf: (one: LayerEntry) => string): Member {
  return memberOf(one, one.kind === 'symlink' || one.kind === 'junction' ? targetOf(one) : '')
}

function* streamMembers(wim: Wim, one: LayerEntry): Generator<{ member: Member; blob: WimBlob | undefined }> {
  for (const { name, sha1 } of one.streams) {
    const blob = blobNamed(wim, one.entry, sha1)
    yield { member: streamMember(one, name, blob?.size ?? 0), blob }
  }
}
