import { type Descriptor, type Digest, hasCode } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import type { CopyResult } from '../copy/copy.js'
import type { InstallRequest } from '../requests.js'
import { hasBlob } from '../store/ingest.js'
import type { Store } from '../store/store.js'
import { isWholeBlob } from '../store/whole-blob.js'
import type { PlannedInstall } from './installed-result.js'
import type { JoinedLayers } from './join-layers.js'
import { refuseMissingBase } from './refuse-missing-base.js'

/**
 * Asks for all images of an install whether the store has what their deltas leave out.
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
 * Makes the layers that come as deltas, then copies the rest; nobody removes the layers in between.
 * @param copyRest copies, and gives the names
 * @throws BASE_MISSING where another process removed what was there when it was asked for; what joining and
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
    for (const one of joined) await one.release(false)
    return { copied, joinedBytes: joined.reduce((sum, { bytes }) => sum + bytes, 0) }
  } catch (error) {
    for (const one of joined) await one.release(true)
    if (hasCode(error, 'BLOB_MISSING', 'PATH_NOT_FOUND'))
      await refuseMissingBases(context, parts, left, request)
    throw error
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
    const { joinLayers } = await import('./join-layers.js')
    const one = await joinLayers(context, source, plan, { left, isThere, again: request.force ?? false })
    if (one) joined.push(one)
  }
}

type IsThere = (descriptor: Descriptor) => Promise<boolean>

/** Who forces an install suspects damage, and a delta cannot bring again what it leaves out: so that is hashed. */
function thereBy(context: Context, { places }: Store, { force, signal }: InstallRequest): IsThere {
  return force
    ? (descriptor) => isWholeBlob(places, descriptor, context.hasher, defined({ signal }))
    : (descriptor) => hasBlob(places, descriptor)
}
