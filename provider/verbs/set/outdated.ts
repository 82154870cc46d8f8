import path from 'node:path'
import { formatPlatform } from '../../../manifests/index.js'
import { readBase } from '../../delta/base/read-base.js'
import { type Context, inContext } from '../../session/context.js'
import { Failures } from '../../session/failures.js'
import { type ComparedImage, changesBetween } from '../../sets/changes.js'
import { lockFileOf, lockThatFits } from '../../sets/lock-file.js'
import type { AskedImage } from '../../sets/lock-of.js'
import { type ReadSet, readSet } from '../../sets/read-set.js'
import { openOptions } from '../../targets/open-options.js'
import { rootChoice } from '../../targets/targets.js'
import { ofMeantNow } from './meant-now.js'
import type { SetOutdatedRequest, SetOutdatedResult } from './request.js'

/**
 * What a set means now that a lock, an inventory, receipts or a media do not have. Nothing is changed.
 * @throws SET_INVALID, SET_UNLOCKED, NO_MATCH, network errors and what reading a base throws
 */
export async function setOutdated(request: SetOutdatedRequest): Promise<SetOutdatedResult> {
  const set = await readSet(request.path)
  const names = set.wishes.map(({ name }) => name)
  return await inContext({ ...request, names }, async (context) => {
    const known = await comparedWith(context, set, request.base ?? [])
    const failures = new Failures(request)
    const now = await ofMeantNow(context, set, request, failures, listed)
    return {
      compared: known.map((one) => ({ with: one.with, changes: changesTo(one, now) })),
      images: now.length,
      ...(failures.failed.length > 0 ? { failed: failures.failed } : {}),
    }
  })
}

interface Known {
  with: SetOutdatedResult['compared'][number]['with']
  images: ComparedImage[]
  /** The lock is the set as it was: what only the lock has is reported, too. */
  isLock: boolean
}

async function comparedWith(context: Context, set: ReadSet, bases: string[]): Promise<Known[]> {
  if (bases.length === 0) {
    const { images } = await lockThatFits(set)
    return [{ with: { kind: 'lock', name: path.basename(lockFileOf(set)) }, images, isLock: true }]
  }
  const choice = await rootChoice({})
  const options = await openOptions(context, {})
  const known: Known[] = []
  for (const file of bases) {
    const { kind, name, images } = await readBase(context, file, choice, options)
    known.push({ with: { kind, name }, images, isLock: false })
  }
  return known
}

/** A host keeps older versions: that is not out of date. With receipts, the last one for a name counts. */
function changesTo(
  { images, isLock }: Known,
  now: ComparedImage[],
): SetOutdatedResult['compared'][number]['changes'] {
  const key = ({ name, version, platform }: ComparedImage): string =>
    JSON.stringify([name.toLowerCase(), version, platform])
  const last = [...new Map(images.map((image) => [key(image), image])).values()]
  const changes = changesBetween(last, now)
  return isLock ? changes : changes.filter(({ kind }) => kind !== 'gone')
}

function listed({ image: { name, version, platform, root } }: AskedImage): ComparedImage {
  return { name, version, platform: formatPlatform(platform), digest: root.digest }
}
