import type { FileHandle } from 'node:fs/promises'
import { type Descriptor, splitDigest } from '../../../manifests/index.js'
import type { FileRange } from '../../io/bytes.js'
import { sizeLeft } from '../../io/files/own-file.js'
import { openRegular } from '../../io/files/regular-file.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { MemberPlan, PlannedMember } from '../in-place/member-plan.js'
import { placesInZip, zipSize } from './planned-size.js'

const HEADER = Buffer.from('PK\x03\x04', 'latin1')
const NAME_AT = 30

/** Bytes of a member that are there, beginning with its first. */
export interface KeptBytes extends FileRange {
  /** Its CRC-32 if it is complete, with its digest. */
  crc32?: number | undefined
}

/**
 * What an earlier run left of a zip. A zip is written from its beginning, so that what is there is the beginning of the
 * same bytes: they are read in place, and stay there.
 */
export class KeptZip {
  private readonly places: Map<string, { offset: number; bytesAt: number; size: number }>

  private constructor(
    private readonly file: string,
    /** From the start; anything after them is not relied on. */
    private bytes: number,
    plan: MemberPlan,
  ) {
    this.places = new Map(
      placesInZip(plan.members).map(({ member, offset, bytesAt }) => [
        member.name,
        { offset, bytesAt, size: member.size },
      ]),
    )
  }

  /**
   * What is left of a zip of this plan; nothing of any other.
   * @throws IN_THE_WAY
   */
  static async of(file: string, plan: MemberPlan): Promise<KeptZip> {
    const size = (await sizeLeft(file)) ?? 0
    const isOfPlan = size > 0 && size <= zipSize(plan.members) && (await beginsAs(file, size, plan))
    return new KeptZip(file, isOfPlan ? size : 0, plan)
  }

  get isEmpty(): boolean {
    return this.bytes === 0
  }

  /** Where the bytes of a member are that are here, beginning with its first; undefined if there are none. */
  async of(
    { name }: PlannedMember,
    descriptor: Descriptor,
    hasher: Hasher,
    signal?: AbortSignal,
  ): Promise<KeptBytes | undefined> {
    const place = this.places.get(name)
    const size = place ? Math.min(place.size, this.bytes - place.bytesAt) : 0
    if (!place || size <= 0) return undefined
    const range = { path: this.file, offset: place.bytesAt, size }
    if (size < place.size) return range
    const { algorithm, hex } = splitDigest(descriptor.digest)
    const found = await hasher.run({ source: range, algorithm, sections: [{ from: 0, size }] }, { signal })
    if (found.hex === hex) return { ...range, crc32: found.crc32s?.[0] }
    this.bytes = place.offset
    return undefined
  }
}

/** Whether the documents are the planned ones, and the headers that are there have the planned names. */
async function beginsAs(file: string, size: number, plan: MemberPlan): Promise<boolean> {
  const handle = await openRegular(file)
  try {
    for (const { member, offset, bytesAt } of placesInZip(plan.members)) {
      if (bytesAt + (member.bytes?.length ?? 0) > size) return true
      const head = await bytesFrom(handle, offset, NAME_AT + member.name.length)
      const name = head.toString('utf8', NAME_AT)
      if (!head.subarray(0, HEADER.length).equals(HEADER) || name !== member.name) return false
      if (member.bytes && !(await bytesFrom(handle, bytesAt, member.size)).equals(member.bytes)) return false
    }
    return true
  } finally {
    await handle.close()
  }
}

async function bytesFrom(handle: FileHandle, offset: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size)
  const { bytesRead } = await handle.read(bytes, 0, size, offset)
  return bytes.subarray(0, bytesRead)
}
