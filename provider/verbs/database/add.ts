import { databasePlace } from '../../inside/database/database-place.js'
import { type ReadPublications, readPublications } from '../../inside/database/read-publications.js'
import type { DatabaseSource } from '../../inside/database/source-block.js'
import { changeDatabase, databaseThere } from '../../inside/database/write-database.js'
import { type Context, inContext } from '../../session/context.js'
import { listed } from './list.js'
import type { DatabaseAddRequest, DatabaseChange } from './request.js'

/**
 * Adds advisories to the database, creating it if needed: exports of OSV, Debian and Alpine, or what a media
 * carries. A source of the same name is replaced as a whole.
 * @throws PATH_NOT_FOUND, INVALID_DOCUMENT, ARCHIVE_INVALID, DATABASE_INVALID, NO_SPACE, PERMISSION_DENIED
 */
export async function databaseAdd(request: DatabaseAddRequest): Promise<DatabaseChange> {
  return await inContext(request, async (context) => await addAll(context, request, request.paths))
}

/** The same within another verb. */
export async function addAll(
  context: Context,
  { database, signal, onProgress, whatIf }: Omit<DatabaseAddRequest, 'paths'>,
  paths: readonly string[],
): Promise<DatabaseChange> {
  const file = databasePlace(database)
  const before = sourcesOf(file)
  const read = await readPublications(paths, { signal, onProgress })
  const change = { added: read.blocks, signal }
  const sources = whatIf ? before : await changeDatabase(file, change)
  tellOf(context, read, before)
  return {
    ...listed(file, sources),
    added: addedOf(read, before),
    removed: [],
    broken: read.broken,
    brokenCount: read.brokenCount,
  }
}

export function sourcesOf(file: string): DatabaseSource[] {
  const database = databaseThere(file)
  try {
    return database?.sources ?? []
  } finally {
    database?.close()
  }
}

function addedOf({ blocks }: ReadPublications, before: readonly DatabaseSource[]): DatabaseChange['added'] {
  return blocks.map(({ source: { name, advisories } }) => {
    const old = before.find((one) => one.name === name)
    return { name, advisories, ...(old ? { before: old.advisories } : {}) }
  })
}

/** Broken advisories are never left out silently, nor does a part replace a whole source silently. */
function tellOf(context: Context, read: ReadPublications, before: readonly DatabaseSource[]): void {
  for (const { place, problem } of read.broken.slice(0, MOST_TOLD))
    context.note(`Left out: ${place}: ${problem}.`)
  const more = read.brokenCount - Math.min(read.broken.length, MOST_TOLD)
  if (more > 0) context.note(`Left out: ${more} more.`)
  for (const { name, advisories, before: old } of addedOf(read, before))
    if (old !== undefined && advisories < old / 2)
      context.note(`${name} had ${old} advisories, and has ${advisories} now: was it the whole export?`)
}

const MOST_TOLD = 20
