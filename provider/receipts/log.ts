import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  command,
  hasCode,
  inUtf8,
  LIMITS,
  nextReceipt,
  option,
  parseReceipts,
  printable,
  type Receipt,
  type ReceiptContent,
  receiptsBytes,
} from '../../manifests/index.js'
import { isMedia } from '../formats/media/media.js'
import { makeFolder, replaceFile } from '../io/files/durable.js'
import { checkFolderBelow } from '../io/files/folder-below.js'
import { takeLock } from '../io/files/lock.js'
import { readDocument } from '../io/files/read-document.js'
import { fromSystem, inWords } from '../io/files/system-errors.js'
import type { Places } from '../store/places.js'
import { makeStore } from '../store/store.js'

/** The store's own log, beside its layout: all that was ever installed with a receipt. */
const LOG_FILE = 'receipts.jsonl'

/** Where logs are on a media. */
export const RECEIPTS_FOLDER = 'receipts'

/** A log of this machine. @throws RECEIPT_INVALID, DOCUMENT_TOO_LARGE; nothing where there is no log yet */
async function readLog(file: string): Promise<Receipt[]> {
  const bytes = await logBytes(file)
  return bytes ? parseLog(bytes, file) : []
}

/**
 * The bytes of a log exactly as they are, as somebody may have signed them; it may come back on a stick that
 * others had.
 * @throws RECEIPT_INVALID, DOCUMENT_TOO_LARGE; undefined if there is none
 */
export async function logBytes(file: string): Promise<Buffer | undefined> {
  return await readDocument(file, LIMITS.receiptsBytes).catch((error) => {
    // Also a link to what is not there: on a stick that others had, it is replaced and never followed.
    if (hasCode(error, 'PATH_NOT_FOUND')) return undefined
    throw hasCode(error, 'NOT_A_FILE') ? noLog(file, error) : error
  })
}

/** @throws RECEIPT_INVALID */
export function parseLog(bytes: Uint8Array, file: string): Receipt[] {
  return parseReceipts(inUtf8(bytes), path.basename(file))
}

function noLog(file: string, { found }: ContainerImageError): ContainerImageError {
  return new ContainerImageError('RECEIPT_INVALID', `${printable(file)} is not a file of receipts.`, {
    side: 'source',
    expected: 'a file',
    found,
    remedy: `Name the file that ${command('install', option('receipt'))} wrote.`,
  })
}

/** Adds a receipt to a store's log, which is replaced in one step: even after a kill it is intact. */
export async function addReceipt(places: Places, content: Omit<ReceiptContent, 'store'>): Promise<Receipt[]> {
  await makeStore(places)
  const file = path.join(places.root, LOG_FILE)
  const lock = await takeLock(path.join(places.ingestFolder, `${LOG_FILE}.lock`))
  try {
    const log = await readLog(file)
    const last = log.at(-1)
    const store = last?.store ?? randomUUID()
    const all = [...log, nextReceipt(last, { ...content, store }, new Date().toISOString())]
    await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, receiptsBytes(all), { lock }))
    return all
  } finally {
    await lock.release()
  }
}

/** A store's log as it is. @throws RECEIPT_INVALID */
export async function storeLog(places: Places): Promise<Receipt[]> {
  return await readLog(path.join(places.root, LOG_FILE))
}

/**
 * The file of a store's log in a place: that file itself, or one named by the store in a folder; on a media
 * among its receipts.
 * @param store undefined where the log is still empty
 * @throws IN_THE_WAY where the folder of the receipts on a media is a link
 */
async function logFile(place: string, store: string): Promise<string> {
  const resolved = path.resolve(place)
  if (!(await isFolder(resolved))) return resolved
  const name = `receipts-${store.slice(0, 8)}.jsonl`
  if (!(await isMedia(resolved))) return path.join(resolved, name)
  const folder = path.join(resolved, RECEIPTS_FOLDER)
  await checkFolderBelow(resolved, folder)
  return path.join(folder, name)
}

/** Writes a file with what goes with it, such as a signature; `write` replaces it in one step. */
export type Publishing = (file: string, bytes: Buffer, write: () => Promise<void>) => Promise<void>

/**
 * Copies a log to the place from which it is carried. Anything there must be an earlier state of this log.
 * @param kind of the place, as it was when it was checked: a stick that was pulled out must not turn into a
 * file
 * @throws RECEIPT_INVALID if it is another store's, or was changed; PATH_NOT_FOUND, PERMISSION_DENIED,
 * NO_SPACE
 */
export async function deliverLog(
  log: Receipt[],
  { place, kind }: { place: string; kind: PlaceKind },
  publish: Publishing = (_file, _bytes, write) => write(),
): Promise<string> {
  if (kind === 'folder' && !(await isFolder(place))) throw noFolder(place)
  const file = await logFileFor(log, place)
  const bytes = receiptsBytes(log)
  await inWords(`Writing ${file}`, 'destination', () => makeFolder(path.dirname(file)))
  await publish(file, bytes, () => inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes)))
  return file
}

export type PlaceKind = 'file' | 'folder'

/** Checks before anything is installed whether its receipt could be written there. @throws as deliverLog */
export async function checkPlace(log: Receipt[], place: string): Promise<PlaceKind> {
  const kind = (await isFolder(place)) ? 'folder' : 'file'
  if (kind === 'file' && /[\\/]$/.test(place)) throw noFolder(place)
  const file = await logFileFor(log, place)
  await checkWritable(path.dirname(file)).catch((error) => {
    throw fromSystem(error, `Writing ${file}`, 'destination')
  })
  return kind
}

/** The folder itself, or the nearest one above it that exists. */
async function checkWritable(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined)) === undefined && path.dirname(folder) !== folder)
    return await checkWritable(path.dirname(folder))
  await access(folder, constants.W_OK)
}

async function isFolder(place: string): Promise<boolean> {
  return (await stat(path.resolve(place)).catch(() => undefined))?.isDirectory() ?? false
}

function noFolder(place: string): ContainerImageError {
  return new ContainerImageError(
    'PATH_NOT_FOUND',
    `There is no folder ${printable(place)} for the receipt.`,
    {
      side: 'destination',
      expected: 'a folder or a media',
      found: 'nothing',
      remedy: 'Connect it, or make the folder.',
    },
  )
}

async function logFileFor(log: Receipt[], place: string): Promise<string> {
  const [first] = log
  const file = await logFile(place, first?.store ?? 'new')
  // Named by the store, which has no name yet.
  if (!first && (await isFolder(place))) return file
  const there = await readLog(file)
  if (there.some((receipt, i) => receipt.sum !== log[i]?.sum)) throw another(file, log, there)
  return file
}

function another(file: string, log: Receipt[], there: Receipt[]): ContainerImageError {
  return new ContainerImageError(
    'RECEIPT_INVALID',
    `${printable(file)} is not how the receipts of this store begin.`,
    {
      side: 'destination',
      expected: `${log.length} receipts of the store ${log[0]?.store ?? 'that has none yet'}, or the first of them`,
      found: `${there.length} receipts of the store ${printable(there[0]?.store ?? '')}`,
      remedy: 'Give another file or folder for the receipt; keep this one, and ask where it came from.',
    },
  )
}
