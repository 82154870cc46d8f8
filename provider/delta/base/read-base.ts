import { stat } from 'node:fs/promises'
import path from 'node:path'
import { headInUtf8, inUtf8, LIMITS, looksLikeReceipts, parseInventory } from '../../../manifests/index.js'
import { readHead } from '../../archives/members/compression.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import { parsed } from '../../copy/documents.js'
import type { OpenOptions } from '../../formats/open/open-options.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { readDocument } from '../../io/files/read-document.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { Context } from '../../session/context.js'
import { documentSigners } from '../../trust/taking/trusted-document.js'
import { trustedLogs } from '../../trust/taking/trusted-logs.js'
import type { Base } from './base.js'
import { baseOfCollection } from './from-collection.js'
import { baseOfInventory } from './from-inventory.js'
import { baseOfReceipts } from './from-receipts.js'

/**
 * Reads what `--base` names: an inventory, receipts, or an archive or a media that an earlier stick carried. If keys
 * are trusted, an inventory and receipts, which came back from elsewhere, must be signed by them.
 * @throws PATH_NOT_FOUND, INVALID_DOCUMENT, RECEIPT_INVALID, ARCHIVE_UNKNOWN and what opening throws;
 * SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function readBase(
  context: Context,
  file: string,
  choice: RootChoice,
  options: OpenOptions,
): Promise<Base> {
  const place = path.resolve(file)
  const stats = await stat(place).catch((error) => {
    throw fromSystem(error, `Opening the base ${file}`, 'source')
  })
  // A file with the name of a log is never taken for something that needs no signature.
  if (stats.isFile() && place.endsWith('.jsonl')) return await ofLog(context, place)
  if (stats.isFile() && (await isJson(place))) return await ofJson(context, place)
  const collection = await openPath(place, options)
  return await closing(collection, async () => {
    return await baseOfCollection(collection, choice)
  })
}

async function isJson(file: string): Promise<boolean> {
  return headInUtf8(await readHead(file, 64))
    .toString('utf8')
    .trimStart()
    .startsWith('{')
}

async function ofJson(context: Context, file: string): Promise<Base> {
  const bytes = await readDocument(file, LIMITS.receiptsBytes)
  const text = parsed(file, () => inUtf8(bytes))
  if (looksLikeReceipts(text.toString('utf8'))) return await ofLog(context, file)
  await documentSigners(context, file, bytes)
  return baseOfInventory(
    parsed(file, () => parseInventory(text)),
    path.basename(file),
  )
}

async function ofLog(context: Context, file: string): Promise<Base> {
  const [log] = await trustedLogs(context, [file])
  return baseOfReceipts(log?.receipts ?? [], path.basename(file))
}
