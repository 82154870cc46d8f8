import { ContainerImageError, command, show } from '../../../manifests/index.js'
import { databasePlace } from '../../inside/database/database-place.js'
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
    const before = sourcesOf(file)
    const removed = request.names.map((name) => {
      const found = before.find((one) => one.name.toLowerCase() === name.toLowerCase())
      if (!found)
        throw noSuchSource(
          name,
          before.map((one) => one.name),
        )
      return found.name
    })
    const { signal, whatIf } = request
    const left = whatIf ? before : await changeDatabase(file, { added: [], removed, signal })
    return { ...listed(file, left), added: [], removed, broken: [], brokenCount: 0 }
  })
}

function noSuchSource(name: string, names: string[]): ContainerImageError {
  return new ContainerImageError('DATABASE_MISSING', `The database has no source ${show(name)}.`, {
    expected: names.join(', ') || 'a source of the database',
    found: show(name),
    remedy: `See ${command('database', 'list')}.`,
  })
}
