import { crc32 } from 'node:zlib'
import { show } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import { wrongSum } from './wrong-sum.js'
import { invalid } from './zip-end.js'

/** What an archive says about a member. */
export interface SummedMember {
  name: string
  size: number
  crc32: number
}

/**
 * Passes on not a single byte more than the archive says, and sums all of them.
 * @throws ARCHIVE_INVALID
 */
export async function* summed(bytes: Bytes, member: SummedMember, archive: string): Bytes {
  let count = 0
  let sum = 0
  for await (const chunk of bytes) {
    count += chunk.length
    if (count > member.size) throw damaged(member, archive, `${member.size} bytes`, 'more')
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (count !== member.size) throw damaged(member, archive, `${member.size} bytes`, `${count}`)
  if (sum !== member.crc32) throw wrongSum(archive, member, sum)
}

export function damaged(
  { name }: Pick<SummedMember, 'name'>,
  archive: string,
  expected: string,
  found: string,
): Error {
  return invalid(archive, `holds ${show(name)} damaged`, expected, found)
}
