import path from 'node:path'
import { ContainerImageError, option } from '../../../manifests/index.js'
import type { SavedFormat } from '../../formats/open/saved-formats.js'
import { checkDatabaseOnce } from '../../inside/database/check-database.js'
import { DATABASE_FILE, databasePlace } from '../../inside/database/database-place.js'
import { Database } from '../../inside/database/open-database.js'
import { databaseThere } from '../../inside/database/write-database.js'
import { clearCopied, copyFile } from '../../io/hashing/copy-file.js'
import { sameFile } from '../../io/hashing/same-file.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest } from './request.js'
import { isFolderTarget } from './saved-files.js'

/**
 * Checks that the database of advisories can be carried, before anything is saved.
 * @throws DATABASE_MISSING, DATABASE_INVALID; USAGE if there is no folder to put it in
 */
export function checkCarriedDatabase(
  { path: target, withDatabase }: SaveRequest,
  { saved }: SavedFormat,
): void {
  if (!withDatabase) return
  const file = placeOf(withDatabase)
  const database = databaseThere(file)
  if (!database)
    throw new ContainerImageError('DATABASE_MISSING', `There is no database of advisories at ${file}.`, {
      side: 'source',
      expected: 'a database of advisories',
      found: 'nothing',
      details: { path: file },
    })
  database.close()
  if (saved.isFolder || isFolderTarget(target)) return
  throw new ContainerImageError('USAGE', 'The database is carried beside what is saved, in a folder.', {
    expected: `a folder for ${option('path')}`,
    found: target,
    remedy: `Give a folder with ${option('path')}, or leave ${option('withDatabase')} out.`,
  })
}

/**
 * Puts the database of advisories into a folder; one that has the same bytes stays as it is.
 * @returns its name, if it was requested
 * @throws DATABASE_INVALID, NO_SPACE
 */
export async function carryDatabase(
  { hasher, options }: Context,
  folder: string,
  { withDatabase }: SaveRequest,
): Promise<string[]> {
  if (!withDatabase) return []
  const { signal, onProgress } = options
  const from = placeOf(withDatabase)
  const to = path.join(folder, DATABASE_FILE)
  const database = Database.open(from)
  try {
    await checkDatabaseOnce(from, database.header, signal)
  } finally {
    database.close()
  }
  if (await sameFile(hasher, from, to, { signal })) await clearCopied(to)
  else await copyFile(from, to, { hasher, signal, onProgress })
  return [DATABASE_FILE]
}

function placeOf(withDatabase: boolean | string): string {
  return databasePlace(typeof withDatabase === 'string' ? withDatabase : undefined)
}
