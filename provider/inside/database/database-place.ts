import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { dataFolder } from '../../session/settings/store-location.js'

/** The name that a database has beside the store, and on a media. */
export const DATABASE_FILE = 'advisories.db'

/**
 * Where the database of advisories is: the option, CONTAINERIMAGE_DATABASE, else the user's data folder. An empty variable
 * is one that is not set.
 * @throws USAGE for an empty option
 */
export function databasePlace(option: string | undefined): string {
  if (option === '')
    throw new ContainerImageError('USAGE', 'The path of the database is empty.', {
      expected: 'a file, or nothing at all for the usual one',
      found: 'an empty text',
    })
  const chosen = option ?? (process.env.CONTAINERIMAGE_DATABASE || undefined)
  return path.resolve(chosen ?? path.join(dataFolder(), DATABASE_FILE))
}
