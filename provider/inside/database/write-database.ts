import path from 'node:path'
import { closedAfter } from '../../io/closing/closing.js'
import { makeFolder, publishFile } from '../../io/files/durable.js'
import { takeLock } from '../../io/files/lock.js'
import { openNew } from '../../io/files/own-file.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { removeOrphans, replacementOf } from '../../io/files/replacement-name.js'
import { inWords } from '../../io/files/system-errors.js'
import { checkDatabase } from './check-database.js'
import { databaseBytes } from './database-file.js'
import { Database } from './open-database.js'
import type { DatabaseSource, SourceBlock } from './source-block.js'

export interface Change {
  /** Sources to be added; those with the same names are replaced. */
  added: readonly SourceBlock[]
  /** Says, under the lock, which of the sources are to be removed, by their names. */
  removed?(sources: readonly DatabaseSource[]): readonly string[]
  signal?: AbortSignal | undefined
}

/**
 * Changes the sources of a database, or creates it. Readers see the old one in the meantime, and after a kill
 * it is either the old or the new one. Done under a lock, so that of two simultaneous changes both take
 * effect.
 * @returns all sources that it has now
 * @throws DATABASE_INVALID if it cannot be read; NO_SPACE, PERMISSION_DENIED, STORE_LOCKED
 */
export async function changeDatabase(file: string, change: Change): Promise<DatabaseSource[]> {
  return await inWords(`Writing ${file}`, 'destination', async () => {
    await makeFolder(path.dirname(file))
    const lock = await takeLock(`${file}.lock`, { signal: change.signal })
    try {
      const blocks = [...(await keptBlocks(file, change)), ...change.added]
      await removeOrphans(file)
      const temporary = replacementOf(file)
      try {
        const handle = await openNew(temporary)
        try {
          for (const bytes of databaseBytes(blocks)) await handle.writeFile(bytes)
        } finally {
          await handle.close()
        }
        await publishFile(temporary, file, { lock })
      } catch (error) {
        throw await closedAfter(error, () => removePath(temporary))
      }
      return blocks.map(({ source }) => source).sort((a, b) => (a.name < b.name ? -1 : 1))
    } finally {
      await lock.release()
    }
  })
}

/** Those that stay; unless their bytes are right, nothing is written. */
async function keptBlocks(file: string, { added, removed, signal }: Change): Promise<SourceBlock[]> {
  const database = databaseThere(file)
  if (!database) return []
  try {
    await checkDatabase(file, database.header, signal)
    const gone = new Set([...(removed?.(database.sources) ?? []), ...added.map(({ source }) => source.name)])
    return database.sources
      .filter(({ name }) => !gone.has(name))
      .flatMap(({ name }) => database.blockOf(name) ?? [])
  } finally {
    database.close()
  }
}

/** The database at a place, opened; undefined where there is none. @throws DATABASE_INVALID */
export function databaseThere(file: string): Database | undefined {
  try {
    return Database.open(file)
  } catch (error) {
    if ((error as { code?: string }).code === 'PATH_NOT_FOUND') return undefined
    throw error
  }
}
