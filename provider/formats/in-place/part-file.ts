import { type FileHandle, stat } from 'node:fs/promises'
import { padded } from '../../archives/members/tar-header.js'
import { closedAfter } from '../../io/closing/closing.js'
import { openAnew, openOwn, sizeLeft } from '../../io/files/own-file.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { bytesOffset, END_BYTES, headerOf, type MemberPlan, type PlannedMember } from './member-plan.js'

/**
 * Begins the trailer of an unfinished archive; after it come the plan's identity and a counter for each blob.
 */
const MAGIC = Buffer.from('containerimage unfinished archive 1\n', 'latin1')
const IDENTITY_AT = 64
const SLOTS_AT = 96

/**
 * An archive on its way: `NAME.part`, already of its full size, with every header in place. After the end of
 * the archive a trailer counts how many bytes of each blob are there, so that the next run can continue
 * inside a blob. When everything is there the trailer is cut off and the file gets its name.
 */
export interface PartFile {
  readonly handle: FileHandle
  readonly path: string
  /** Bytes of the blob that an earlier run wrote, from its start. They are to be hashed again before use. */
  done(member: PlannedMember): number
  setDone(member: PlannedMember, bytes: number): void
  /** Resolves when the counts are written. */
  settled(): Promise<unknown>
}

/**
 * Opens an unfinished archive of the same plan, or makes a new one. Headers and documents are always written
 * again: after a power loss they may not be what they were.
 */
export async function openPartFile(path: string, plan: MemberPlan): Promise<PartFile> {
  const blobs = [...plan.blobs.values()]
  const earlier = await readSlots(path, plan, blobs)
  const handle = await (earlier ? openOwn(path) : openAnew(path))
  const slots = earlier ?? new Float64Array(blobs.length)
  try {
    await writeSkeleton(handle, plan, slots)
  } catch (error) {
    throw await closedAfter(error, handle, () => (earlier ? undefined : removePath(path)))
  }
  const slotOf = new Map(blobs.map((member, i) => [member.name, i]))
  let writing: Promise<unknown> = Promise.resolve()
  return {
    handle,
    path,
    settled: () => writing,
    done: (member) => slots[slotOf.get(member.name) ?? -1] ?? 0,
    setDone(member, bytes) {
      const slot = slotOf.get(member.name)
      if (slot === undefined) return
      slots[slot] = bytes
      // After a crash the count is checked by hashing, so no sync is needed. Not synchronous: the file system
      // lets one writer at a time into a file, and the main thread would have to queue.
      const raw = slotBytes(bytes)
      writing = Promise.all([writing, handle.write(raw, 0, raw.length, plan.size + SLOTS_AT + slot * 8)])
      writing.catch(() => {})
    },
  }
}

/** Disk space that an unfinished archive already takes up, whatever is in it. */
export async function allocatedBytes(path: string): Promise<number> {
  return await stat(path).then(
    ({ blocks, size }) => Math.min(size, blocks * 512),
    () => 0,
  )
}

async function readSlots(
  path: string,
  plan: MemberPlan,
  blobs: PlannedMember[],
): Promise<Float64Array | undefined> {
  const size = await sizeLeft(path)
  const sizes = blobs.map((member) => member.size)
  // The trailer is cut off a moment before the file gets its name. Each blob is hashed again, so nothing is
  // taken on trust here.
  if (size === plan.size) return Float64Array.from(sizes)
  if (size !== plan.size + SLOTS_AT + blobs.length * 8) return undefined
  const handle = await openOwn(path)
  try {
    const trailer = Buffer.alloc(SLOTS_AT + blobs.length * 8)
    await handle.read(trailer, 0, trailer.length, plan.size)
    const ours = trailer.subarray(0, MAGIC.length).equals(MAGIC)
    const same = trailer.subarray(IDENTITY_AT, IDENTITY_AT + plan.identity.length).equals(plan.identity)
    if (!ours || !same) return undefined
    return Float64Array.from(sizes, (size, i) =>
      Math.min(size, Number(trailer.readBigUInt64LE(SLOTS_AT + i * 8))),
    )
  } finally {
    await handle.close()
  }
}

/**
 * Headers, documents and the trailer; the identity comes last, so that a half-made skeleton does not count.
 */
async function writeSkeleton(handle: FileHandle, plan: MemberPlan, slots: Float64Array): Promise<void> {
  await handle.truncate(plan.size + SLOTS_AT + slots.length * 8)
  for (const member of plan.members) {
    const header = headerOf(member)
    const bytes = member.bytes ? Buffer.concat([header, member.bytes]) : header
    await handle.write(bytes, 0, bytes.length, member.offset)
    const end = bytesOffset(member) + member.size
    const padding = Buffer.alloc(padded(member.size) - member.size)
    await handle.write(padding, 0, padding.length, end)
  }
  const end = Buffer.alloc(END_BYTES)
  await handle.write(end, 0, end.length, plan.size - END_BYTES)
  const counts = Buffer.concat(Array.from(slots, slotBytes))
  await handle.write(counts, 0, counts.length, plan.size + SLOTS_AT)
  await handle.write(MAGIC, 0, MAGIC.length, plan.size)
  await handle.write(plan.identity, 0, plan.identity.length, plan.size + IDENTITY_AT)
}

function slotBytes(count: number): Buffer {
  const raw = Buffer.alloc(8)
  raw.writeBigUInt64LE(BigInt(count))
  return raw
}
