import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  LIMITS,
  looksLikeReceipts,
  parseInventory,
  parseReceipts,
  show,
} from '../../manifests/index.js'
import type { RootChoice } from '../choice/chosen-image.js'
import { fromSystem } from '../files/system-errors.js'
import { readHead } from '../members/compression.js'
import { type OpenOptions, openPath } from '../open/open-path.js'
import { parsed } from '../verified/documents.js'
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
  if (stats.isFile() && (await isJson(place))) return await ofJson(place, stats.size)
  const collection = await openPath(place, options)
  try {
    return await baseOfCollection(collection, choice)
  } finally {
    await collection.close()
  }
}

async function isJson(file: string): Promise<boolean> {
  return (await readHead(file, 1))[0] === '{'.charCodeAt(0)
}

async function ofJson(file: string, size: number): Promise<Base> {
  if (size > LIMITS.receiptsBytes)
    throw new ContainerImageError(
      'DOCUMENT_TOO_LARGE',
      `${show(path.basename(file))} is too large for a base.`,
      {
        side: 'source',
        expected: `at most ${LIMITS.receiptsBytes} bytes`,
        found: size,
      },
    )
  const bytes = await readFile(file)
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
