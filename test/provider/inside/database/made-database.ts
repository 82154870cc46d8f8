import path from 'node:path'
import { Database } from '../../../../provider/inside/database/open-database.js'
import { readPublications } from '../../../../provider/inside/database/read-publications.js'
import { changeDatabase } from '../../../../provider/inside/database/write-database.js'
import { writeFiles } from './made-files.js'

/** A database made of files, by their names below the folder; a value that is no text is written as JSON. */
export async function madeDatabase(folder: string, files: Record<string, unknown>): Promise<Database> {
  const from = path.join(folder, 'from')
  await writeFiles(from, files)
  const read = await readPublications(Object.keys(files).map((name) => path.join(from, name)))
  const file = path.join(folder, 'advisories.db')
  await changeDatabase(file, { added: read.blocks })
  return Database.open(file)
}

export interface MadeRange {
  type?: string
  events: Record<string, string>[]
}

/** A record of OSV's about one package. */
export function record(
  id: string,
  ecosystem: string,
  name: string,
  affected: { ranges?: MadeRange[]; versions?: string[]; [key: string]: unknown },
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const { ranges, ...rest } = affected
  return {
    schema_version: '1.7.3',
    id,
    modified: '2026-11-20T10:00:00Z',
    summary: `What ${id} is`,
    affected: [
      {
        package: { ecosystem, name },
        ...(ranges ? { ranges: ranges.map((range) => ({ type: 'ECOSYSTEM', ...range })) } : {}),
        ...rest,
      },
    ],
    ...more,
  }
}

/** From a version on, up to the one that repairs it. */
export function from(introduced: string, fixed?: string): MadeRange {
  return { events: [{ introduced }, ...(fixed === undefined ? [] : [{ fixed }])] }
}
