import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  ContainerImageError,
  isNextSignature,
  option,
  printable,
  type Receipt,
  type ReceivedImage,
} from '../../../manifests/index.js'
import { addReceipt, checkPlace, deliverLog, type PlaceKind, storeLog } from '../../receipts/log.js'
import type { Context } from '../../session/context.js'
import type { SigningOptions } from '../../session/options.js'
import type { SecretKey } from '../../trust/minisign/secret-key.js'
import { signaturesOf } from '../../trust/signed/signature-files.js'
import type { InstallRequest, InstallResult } from './request.js'

/** What is known about a receipt before the work. */
export interface ReceiptPlan {
  place: string
  kind: PlaceKind
  /** What was requested, as the receipt names it: once a path is consumed, it looks like a name. */
  from: string[]
  /** Open; they sign the file that is carried back. */
  keys: SecretKey[]
}

/**
 * Checks before the work whether the receipt can be written, and opens the keys that sign it; undefined if none is requested.
 * @throws RECEIPT_INVALID, PATH_NOT_FOUND, PERMISSION_DENIED, KEY_INVALID, PASSPHRASE_WRONG; USAGE for keys without a receipt
 */
export async function checkReceipt(
  context: Context,
  { receipt: place, targets, sign = [], passphrase }: InstallRequest,
): Promise<ReceiptPlan | undefined> {
  if (place === undefined && sign.length > 0) throw nothingToSign()
  if (place === undefined) return undefined
  const kind = await checkPlace(await storeLog((await context.store()).places), place)
  const keys = sign.length > 0 ? await openKeys(sign, passphrase) : []
  return { place, kind, from: targets.map(nameOf), keys }
}

/** Loaded only if something is signed. */
async function openKeys(
  sign: readonly string[],
  passphrase: SigningOptions['passphrase'],
): Promise<SecretKey[]> {
  const { readSecretKeys } = await import('../../trust/keys/read-secret-key.js')
  return await readSecretKeys(sign, passphrase)
}

function nothingToSign(): ContainerImageError {
  return new ContainerImageError('USAGE', 'An install signs its receipt, and none is asked for.', {
    expected: `${option('receipt')} besides ${option('sign')}`,
    found: `${option('sign')} alone`,
    remedy: `Say where the receipt goes with ${option('receipt')}, or leave ${option('sign')} out.`,
  })
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
  try {
    result.receipt = await deliverLog(log, plan, (file, bytes, write) =>
      writeLog(file, bytes, write, log, plan.keys, result),
    )
    await tellStale(context, result.receipt, plan.keys)
  } catch (reason) {
    throw reason instanceof ContainerImageError ? installedWithout(reason) : reason
  }
}

/** The code that signs is loaded only if something is signed. */
async function writeLog(
  file: string,
  bytes: Buffer,
  write: () => Promise<void>,
  log: Receipt[],
  keys: SecretKey[],
  result: InstallResult,
): Promise<void> {
  if (keys.length === 0) return await write()
  const { writeSignedDocument } = await import('../../trust/sign/sign-document.js')
  const images = log.flatMap((receipt) => receipt.images)
  result.signatures = await writeSignedDocument(file, bytes, keys, images, write)
}

/** A signature for the previous content is of no use any more. */
async function tellStale(context: Context, file: string, keys: SecretKey[]): Promise<void> {
  const stale = (await signaturesOf(file)).filter(
    ({ name, signature }) => !isNextSignature(name) && !keys.some(({ id }) => id === signature?.keyId),
  )
  if (stale.length > 0)
    context.note(
      `To be made again, as a receipt was added: ${stale.map(({ name }) => printable(name)).join(', ')}.`,
    )
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
