import { formatPlatform, type LockedImage } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import type { Base } from '../../delta/base/base.js'
import { changesBetween } from '../../sets/changes.js'
import { lockFileOf, readLock, writeLock } from '../../sets/lock-file.js'
import { type AskedImage, lockedImage, lockOf } from '../../sets/lock-of.js'
import type { ReadSet } from '../../sets/read-set.js'
import type { SaveRequest, SaveResult } from './request.js'

/** The images of a set that some base lacks: what all of them have under that name need not be carried. */
export function withoutDelivered(images: ChosenImage[], bases: Base[], result: SaveResult): ChosenImage[] {
  const there = images.filter((image) => bases.length > 0 && bases.every((base) => hasImage(base, image)))
  if (there.length === 0) return images
  result.delivered = there.map(({ name, version, platform, root, artifact }) => ({
    name,
    version,
    platform: formatPlatform(platform),
    digest: root.digest,
    size: 0,
    ...artifact,
  }))
  result.delta = {
    bases: bases.map(({ kind, id, name, created }) => ({ kind, id, name, created })),
    savedBytes: 0,
  }
  return images.filter((image) => !there.includes(image))
}

/** By the latest entry in a base: a name may have meant another image before. */
function hasImage({ images }: Base, { name, version, platform, root }: ChosenImage): boolean {
  const last = images.findLast(
    (one) =>
      one.name.toLowerCase() === name.toLowerCase() &&
      one.version === version &&
      (one.platform === undefined || one.platform === formatPlatform(platform)),
  )
  return name !== '' && last?.digest === root.digest
}

/** Writes what a set meant this time beside it, once all of it is saved. */
export async function keepLock(
  set: ReadSet,
  images: AskedImage[],
  { locked, noReferrers, signal, whatIf }: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const path = lockFileOf(set)
  if (locked) {
    result.lock = { path, images: images.length, written: false, changes: [] }
    return
  }
  const before = await readLock(set)
  const lockedNow: LockedImage[] = []
  for (const image of images) lockedNow.push(await lockedImage(image, { noReferrers, signal }))
  const lock = lockOf(set, lockedNow)
  const written = whatIf ? false : await writeLock(set, lock)
  result.lock = {
    path,
    images: lock.images.length,
    written,
    changes: changesBetween(before?.images ?? [], lock.images),
  }
}
