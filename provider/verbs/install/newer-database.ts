import { stat } from 'node:fs/promises'
import path from 'node:path'
import { command, hasCode, printable } from '../../../manifests/index.js'
import { DATABASE_FILE, databasePlace } from '../../inside/database/database-place.js'
import type { DatabaseSource } from '../../inside/database/source-block.js'
import { databaseThere } from '../../inside/database/write-database.js'
import type { Context } from '../../session/context.js'

/**
 * Tells if a folder from which images are installed carries advisories that are newer than those here, or that are not
 * here at all. They are not taken: images and statements about images are decided upon separately.
 */
export async function tellNewerDatabase(context: Context, places: readonly string[]): Promise<void> {
  for (const place of places) {
    const folder = await folderOf(place)
    if (folder === undefined) continue
    const carried = sourcesAt(path.join(folder, DATABASE_FILE))
    if (carried.length === 0) continue
    const here = new Map(sourcesAt(databasePlace(undefined)).map((one) => [one.name, one.date]))
    const newer = carried.filter(({ name, date }) => date > (here.get(name) ?? ''))
    if (newer.length === 0) continue
    const names = newer.map(({ name, date }) => printable(`${name} of ${date.slice(0, 10)}`)).join(', ')
    context.note(
      `${place} carries newer advisories: ${names}. To take them: ${command('database', 'add', place)}`,
    )
  }
}

async function folderOf(place: string): Promise<string | undefined> {
  const found = await stat(place).catch(() => undefined)
  if (found?.isDirectory()) return place
  return found?.isFile() ? path.dirname(place) : undefined
}

/** If the file is not a database, or is damaged, the code that uses it says so. */
function sourcesAt(file: string): DatabaseSource[] {
  try {
    const database = databaseThere(file)
    const sources = database?.sources ?? []
    database?.close()
    return sources
  } catch (error) {
    if (hasCode(error, 'DATABASE_INVALID', 'NOT_A_FILE', 'PERMISSION_DENIED')) return []
    throw error
  }
}
