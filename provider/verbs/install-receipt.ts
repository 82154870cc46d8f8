import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, type ReceivedImage } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import { addReceipt, checkPlace, deliverLog, storeLog } from '../receipts/log.js'
import type { InstallRequest, InstallResult } from '../requests.js'

/** Asks before the work whether the receipt can be written. @throws RECEIPT_INVALID */
export async function checkReceipt(context: Context, { receipt }: InstallRequest): Promise<void> {
  if (receipt === undefined) return
  await checkPlace(await storeLog((await context.store()).places), receipt)
}

/** Writes down what was installed and found, into the store's log and to where it is carried from. */
export async function writeReceipt(
  context: Context,
  request: InstallRequest,
  result: InstallResult,
  error?: unknown,
): Promise<void> {
  const { receipt, receiptHost: host, whatIf } = request
  if (receipt === undefined || whatIf) return
  const { places } = await context.store()
  const log = await addReceipt(places, {
    ...(host === undefined ? {} : { host }),
    from: request.targets.map(nameOf),
    images: [...result.images.flatMap((_, at) => received(result, at)), ...(result.refused ?? [])],
    blobs: result.blobs,
    ...(error === undefined ? {} : { error: reason(error) }),
  })
  result.receipt = await deliverLog(log, receipt)
}

/** Of a path its name alone: where it lay on this machine is nobody's business. */
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

/** The code says enough; a message may name places of this machine. */
function reason(error: unknown): { code: string; message: string } {
  return error instanceof ContainerImageError
    ? { code: error.code, message: error.remedy }
    : { code: 'UNEXPECTED', message: '' }
}
