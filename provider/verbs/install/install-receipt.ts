import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, type ReceivedImage } from '../../../manifests/index.js'
import { addReceipt, checkPlace, deliverLog, type PlaceKind, storeLog } from '../../receipts/log.js'
import type { Context } from '../../session/context.js'
import type { InstallRequest, InstallResult } from './request.js'

/** What is known about a receipt before the work. */
export interface ReceiptPlan {
  place: string
  kind: PlaceKind
  /** What was requested, as the receipt names it: once a path is consumed, it looks like a name. */
  from: string[]
}

/**
 * Checks before the work whether the receipt can be written; undefined if none is requested.
 * @throws RECEIPT_INVALID, PATH_NOT_FOUND, PERMISSION_DENIED
 */
export async function checkReceipt(
  context: Context,
  { receipt: place, targets }: InstallRequest,
): Promise<ReceiptPlan | undefined> {
  if (place === undefined) return undefined
  const kind = await checkPlace(await storeLog((await context.store()).places), place)
  return { place, kind, from: targets.map(nameOf) }
}

/** Records what was installed and found, in the store's log and at the place it is carried from. */
export async function writeReceipt(
  context: Context,
  { receiptHost: host, whatIf }: InstallRequest,
  plan: ReceiptPlan | undefined,
  result: InstallResult,
  error?: unknown,
): Promise<void> {
  if (plan === undefined || whatIf) return
  const { places } = await context.store()
  const log = await addReceipt(places, {
    host,
    from: plan.from,
    images: [...result.images.flatMap((_, at) => received(result, at)), ...(result.refused ?? [])],
    blobs: result.blobs,
    gate: result.gate,
    error: error === undefined ? undefined : reason(error),
  })
  result.receipt = await deliverLog(log, plan.place, plan.kind).catch((reason) => {
    throw reason instanceof ContainerImageError ? installedWithout(reason) : reason
  })
}

/** Without this, "a file could not be written" reads as if the install had failed. */
function installedWithout(error: ContainerImageError): ContainerImageError {
  const { code, message, side, expected, found, details } = error
  return new ContainerImageError(code, message, {
    side,
    expected,
    found,
    details,
    cause: error,
    remedy:
      'The images are installed, and the store keeps the receipt. Run the command again with a place that can be written: nothing is copied twice, and all receipts go along.',
  })
}

/** Only the name of a path: where it was on this machine is nobody's business. */
function nameOf(target: string): string {
  return existsSync(target) ? path.basename(path.resolve(target)) : target
}

function received({ images, layers, alreadyThere }: InstallResult, at: number): ReceivedImage[] {
  const image = images[at]
  if (!image) return []
  const { name, version, platform, digest } = image
  const outcome = alreadyThere.includes(digest) ? 'present' : 'installed'
  return [{ name, version, platform, digest, outcome, layers: layers[at] ?? [] }]
}

/** The code says enough; a message may name paths on this machine. */
function reason(error: unknown): { code: string; message: string } {
  return error instanceof ContainerImageError
    ? { code: error.code, message: error.remedy }
    : { code: 'UNEXPECTED', message: '' }
}
