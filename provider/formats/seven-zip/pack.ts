import { writeFile } from 'node:fs/promises'
import { ContainerImageError, printable } from '../../../manifests/index.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { PlannedMember } from '../in-place/member-plan.js'
import { type ListedMember, listSevenZip } from './listing.js'
import { wholeSevenZip } from './parts.js'
import { NO_PASSWORD, type RunResult, runSevenZip } from './run.js'
import { storedPlaces } from './stored-places.js'

/** Nothing is compressed, and nothing is stored that differs between machines: no times, no attributes. */
const SWITCHES = ['-t7z', '-mx0', '-mtm-', '-mtc-', '-mta-', '-mtr-', '-snl-', '-ssp']

/** A member of the archive to be made, with the CRC-32 of the bytes that were checked. */
export type SummedPlan = Pick<PlannedMember, 'name' | 'size'> & { crc32: number }

/**
 * Packs files below a folder. The result is listed: the program's word for it is not enough. Whether the bytes are
 * there is checked by `testPacked`.
 * @throws NO_SPACE, CANNOT_MAKE, INTERRUPTED, PROGRAM_MISSING
 */
export async function pack(
  archive: string,
  folder: string,
  members: readonly SummedPlan[],
  signal?: AbortSignal,
): Promise<Map<string, ListedMember>> {
  const list = `${archive}.list`
  await writeFile(list, `${members.map(({ name }) => name).join('\n')}\n`, { flag: 'wx' })
  const options = { cwd: folder, signal }
  const added = await runSevenZip(
    (seven, with7z) => seven.add(archive, `@${list}`, with7z({ $raw: SWITCHES })),
    options,
  )
  if (added.exit !== 0) throw notPacked(archive, added)
  const listed = await listSevenZip(archive, signal)
  const wrong = members.find((member) => !isListed(member, listed.get(member.name)))
  if (wrong || listed.size !== members.length)
    throw notPacked(archive, { ...added, errors: wrong?.name ?? `${listed.size} members` })
  return listed
}

function isListed({ size, crc32 }: SummedPlan, found: ListedMember | undefined): boolean {
  return found?.size === size && (size === 0 || found.crc32 === crc32)
}

/**
 * Hashes the archive, and sums its members in place. If they are not in their places with the sums that are listed,
 * 7-Zip has to test it.
 * @returns the SHA-256 of the archive, in hex
 * @throws CANNOT_MAKE, INTERRUPTED
 */
export async function testPacked(
  archive: string,
  listed: ReadonlyMap<string, ListedMember>,
  hasher: Hasher,
  signal?: AbortSignal,
): Promise<string> {
  const { size, packedBytes = 0 } = await wholeSevenZip(archive)
  const places = [...(storedPlaces(listed, packedBytes)?.values() ?? [])]
  const sections = places.map(({ offset: from, size }) => ({ from, size }))
  const source = { path: archive, offset: 0, size }
  const { hex, crc32s } = await hasher.run(
    { source, algorithm: 'sha256', sections },
    signal ? { signal } : {},
  )
  const isWhole = places.length > 0 && places.every(({ crc32 }, i) => crc32 === crc32s?.[i])
  if (!isWhole) await testBySevenZip(archive, signal)
  return hex
}

async function testBySevenZip(archive: string, signal?: AbortSignal): Promise<void> {
  const tested = await runSevenZip((seven, with7z) => seven.test(archive, with7z({ $raw: [NO_PASSWORD] })), {
    signal,
  })
  if (tested.exit !== 0) throw notPacked(archive, tested)
}

/** @throws NO_SPACE if 7-Zip could not write */
function notPacked(archive: string, { exit, errors }: RunResult): ContainerImageError {
  const found = printable(errors.trim().split('\n').slice(0, 3).join('; ')) || `exit code ${exit ?? 'none'}`
  const isFull = /no space|disk full|not enough space/i.test(errors)
  return new ContainerImageError(isFull ? 'NO_SPACE' : 'CANNOT_MAKE', `7-Zip could not write ${archive}.`, {
    side: 'destination',
    expected: 'an archive of all members',
    found,
  })
}
