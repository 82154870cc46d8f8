import { statSync } from 'node:fs'
import { daysSince } from '../../inside/database/ages.js'
import { checkDatabaseOnce } from '../../inside/database/check-database.js'
import { databasePlace } from '../../inside/database/database-place.js'
import type { DatabaseSource } from '../../inside/database/source-block.js'
import { databaseThere } from '../../inside/database/write-database.js'
import { inContext } from '../../session/context.js'
import type { DatabaseList, DatabaseRequest, DatabaseSourceFacts } from './request.js'

/**
 * The sources of the database of advisories, with their dates.
 * @throws DATABASE_INVALID, USAGE
 */
export async function databaseList(request: DatabaseRequest = {}): Promise<DatabaseList> {
  return await inContext(request, async () => {
    const file = databasePlace(request.database)
    const database = databaseThere(file)
    if (!database) return { path: file, exists: false, size: 0, sources: [] }
    try {
      await checkDatabaseOnce(file, database.header, request.signal)
      return listed(file, database.sources)
    } finally {
      database.close()
    }
  })
}

export function listed(file: string, sources: readonly DatabaseSource[]): DatabaseList {
  const now = new Date()
  const size = statSync(file, { throwIfNoEntry: false })?.size
  return {
    path: file,
    exists: size !== undefined,
    size: size ?? 0,
    sources: sources.map((one) => factsOf(one, now)),
  }
}

export function factsOf(source: DatabaseSource, now: Date): DatabaseSourceFacts {
  const ageDays = daysSince(source.date, now)
  return { ...source, ...(ageDays === undefined ? {} : { ageDays }) }
}
