import { existsSync } from 'node:fs'
import { ContainerImageError, command, show } from '../../../manifests/index.js'
import { databasePlace } from '../../inside/database/database-place.js'
import type { DatabaseSource } from '../../inside/database/source-block.js'
import { changeDatabase } from '../../inside/database/write-database.js'
import { inContext } from '../../session/context.js'
import { sourcesOf } from './add.js'
import { listed } from './list.js'
import type { DatabaseChange, DatabaseRemoveRequest } from './request.js'

/**
 * Removes sources from the database of advisories.
 * @throws DATABASE_MISSING if it has none with that name, DATABASE_INVALID, PERMISSION_DENIED
 */
export async function databaseRemove(request: DatabaseRemoveRequest): Promise<DatabaseChange> {
  return await inContext(request, async () => {
    const file = databasePlace(request.database)
    const { names, signal, whatIf } = request
    let removed: string[] = []
    let left: DatabaseSource[]
    if (whatIf || !existsSync(file)) {
      left = sourcesOf(file)
      removed = namedIn(left, names)
    } else
      left = await changeDatabase(file, {
        added: [],
        removed: (sources) => {
          removed = namedIn(sources, names)
          return removed
        },
        signal,
      })
    return { ...listed(file, left), added: [], removed, broken: [], brokenCount: 0 }
  })
}

/** The sources' own names. @throws DATABASE_MISSING */
function namedIn(sources: readonly DatabaseSource[], names: readonly string[]): string[] {
  return names.map((name) => {
    const found = sources.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (!found)
      throw noSuchSource(
        name,
        sources.map((one) => one.name),
      )
    return found.name
  })
}

function noSuchSource(name: string, names: string[]): ContainerImageError {
  return new ContainerImageError('DATABASE_MISSING', `The database has no source ${show(name)}.`, {
    expected: names.join(', ') || 'a source of the database',
    found: show(name),
    remedy: `See ${command('database', 'list')}.`,
  })
}
