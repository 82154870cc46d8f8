import { writeFile } from 'node:fs/promises'
import { ContainerImageError, printable } from '../../../manifests/index.js'
import type { PlannedMember } from '../in-place/member-plan.js'
import { listSevenZip } from './listing.js'
import { NO_PASSWORD, type RunResult, runSevenZip } from './run.js'

/** Nothing compressed, and nothing stored that differs from machine to machine: no times, no attributes. */
const SWITCHES = ['-t7z', '-mx0', '-mtm-', '-mtc-', '-mta-', '-mtr-', '-snl-', '-ssp']

/**
 * Packs files below a folder. What came out is listed and its sums are tested: the program's word for it is
 * not enough.
 * @throws NO_SPACE, CANNOT_MAKE, INTERRUPTED, PROGRAM_MISSING
 */
export async function pack(
  archive: string,
  folder: string,
  members: Pick<PlannedMember, 'name' | 'size'>[],
  signal?: AbortSignal,
): Promise<void> {
  const list = `${archive}.list`
  await writeFile(list, `${members.map(({ name }) => name).join('\n')}\n`, { flag: 'wx' })
  const options = { cwd: folder, signal }
  const added = await runSevenZip(
    (seven, with7z) => seven.add(archive, `@${list}`, with7z({ $raw: SWITCHES })),
    options,
  )
  if (added.exit !== 0) throw notPacked(archive, added)
  const listed = await listSevenZip(archive, signal)
  const sizes = members.map(({ name, size }) => [name, size === listed.get(name)?.size] as const)
  const [wrong] = sizes.find(([, same]) => !same) ?? []
  if (wrong !== undefined || listed.size !== members.length)
    throw notPacked(archive, { ...added, errors: wrong ?? `${listed.size} members` })
  const tested = await runSevenZip(
    (seven, with7z) => seven.test(archive, with7z({ $raw: [NO_PASSWORD] })),
    options,
  )
  if (tested.exit !== 0) throw notPacked(archive, tested)
}

/** @throws NO_SPACE, where 7-Zip could not write */
function notPacked(archive: string, { exit, errors }: RunResult): ContainerImageError {
  const found = printable(errors.trim().split('\n').slice(0, 3).join('; ')) || `exit code ${exit ?? 'none'}`
  const isFull = /no space|disk full|not enough space/i.test(errors)
  return new ContainerImageError(isFull ? 'NO_SPACE' : 'CANNOT_MAKE', `7-Zip could not write ${archive}.`, {
    side: 'destination',
    expected: 'an archive of all members',
    found,
  })
}
