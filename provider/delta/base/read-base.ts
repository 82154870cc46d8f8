import { stat } from 'node:fs/promises'
import path from 'node:path'
import { inUtf8, LIMITS, looksLikeReceipts, parseInventory, parseReceipts } from '../../../manifests/index.js'
import { readHead } from '../../archives/members/compression.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import { parsed } from '../../copy/documents.js'
import type { OpenOptions } from '../../formats/open/open-options.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { readUserFile } from '../../io/files/read-user-file.js'
import { fromSystem } from '../../io/files/system-errors.js'
import type { Base } from './base.js'
import { baseOfCollection } from './from-collection.js'
import { baseOfInventory } from './from-inventory.js'
import { baseOfReceipts } from './from-receipts.js'

/**
 * Reads what `--base` names: an inventory, receipts, or an archive or a media that an earlier stick carried.
 * @throws PATH_NOT_FOUND, INVALID_DOCUMENT, RECEIPT_INVALID, ARCHIVE_UNKNOWN and what opening throws
 */
export async function readBase(file: string, choice: RootChoice, options: OpenOptions): Promise<Base> {
  const place = path.resolve(file)
  const stats = await stat(place).catch((error) => {
    throw fromSystem(error, `Opening the base ${file}`, 'source')
  })
  if (stats.isFile() && (await isJson(place))) return await ofJson(place)
  const collection = await openPath(place, options)
  return await closing(collection, async () => {
    return await baseOfCollection(collection, choice)
  })
}

async function isJson(file: string): Promise<boolean> {
  return inUtf8(await readHead(file, 64))
    .toString('utf8')
    .trimStart()
    .startsWith('{')
}

async function ofJson(file: string): Promise<Base> {
  const bytes = await readUserFile(file, LIMITS.receiptsBytes)
  const name = path.basename(file)
  if (looksLikeReceipts(bytes.toString('utf8')))
    return baseOfReceipts(
      parsed(file, () => parseReceipts(bytes, name)),
      name,
    )
  return baseOfInventory(
    parsed(file, () => parseInventory(bytes)),
    name,
  )
}
