import { type Descriptor, type Digest, hasCode } from '../../../manifests/index.js'
import type { CopyResult } from '../../copy/copy.js'
import { refuseMissingBase } from '../../delta/base/refuse-missing-base.js'
import type { JoinedLayers } from '../../delta/join-layers.js'
import { closeAll, closedAfter } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { Store } from '../../store/store.js'
import type { PlannedInstall } from './installed-result.js'
import type { InstallRequest } from './request.js'

/**
 * Checks for all images of an install whether the store has what their deltas leave out.
 * @param left what no source of the install carries
 * @throws BASE_MISSING
 */
export async function refuseMissingBases(
  context: Context,
  parts: PlannedInstall[],
  left: ReadonlySet<Digest>,
  request: InstallRequest,
): Promise<void> {
  const isThere = thereBy(context, await context.store(), request)
  for (const { source, plan } of parts) await refuseMissingBase(source, plan, left, isThere)
}

/**
 * Makes the layers that come as deltas, then copies the rest; no other process removes the layers in between.
 * @param copyRest copies, and gives the names
 * @throws BASE_MISSING if another process removed what was there when it was checked; what joining and
 * copying throw
 */
export async function copyJoined(
  context: Context,
  parts: PlannedInstall[],
  left: ReadonlySet<Digest>,
  request: InstallRequest,
  copyRest: () => Promise<CopyResult>,
): Promise<{ copied: CopyResult; joinedBytes: number }> {
  const joined: JoinedLayers[] = []
  try {
    await joinAll(context, parts, left, request, joined)
    const copied = await copyRest()
    await closeAll(joined.map((one) => () => one.release(false)))
    return { copied, joinedBytes: joined.reduce((sum, { bytes }) => sum + bytes, 0) }
  } catch (error) {
    const closed = await closedAfter(error, ...joined.map((one) => () => one.release(true)))
    if (hasCode(error, 'BLOB_MISSING', 'PATH_NOT_FOUND'))
      await refuseMissingBases(context, parts, left, request)
    throw closed
  }
}

async function joinAll(
  context: Context,
  parts: PlannedInstall[],
  left: ReadonlySet<Digest>,
  request: InstallRequest,
  joined: JoinedLayers[],
): Promise<void> {
  const isThere = thereBy(context, await context.store(), request)
  for (const { source, plan } of parts) {
    if (!source.delta) continue
    const { joinLayers } = await import('../../delta/join-layers.js')
    const one = await joinLayers(context, source, plan, { left, isThere, again: request.force ?? false })
    if (one) joined.push(one)
  }
}

type IsThere = (descriptor: Descriptor) => Promise<boolean>

/** A forced install suspects damage, and a delta cannot copy again what it leaves out: so that is hashed. */
function thereBy({ hasher }: Context, { checked }: Store, { force, signal }: InstallRequest): IsThere {
  return force
    ? (descriptor) => checked.hash(descriptor, hasher, { signal })
    : (descriptor) => checked.has(descriptor, hasher, signal)
}
