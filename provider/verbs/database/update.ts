import path from 'node:path'
import { ContainerImageError, command } from '../../../manifests/index.js'
import { databasePlace } from '../../inside/database/database-place.js'
import { publishedAt, wordFor } from '../../inside/database/publishers.js'
import { closing } from '../../io/closing/closing.js'
import { makeScratch } from '../../io/files/scratch.js'
import { writeNewFile } from '../../io/files/write-new-file.js'
import { telling } from '../../io/telling.js'
import { openUrl } from '../../registry/document.js'
import { type Context, inContext } from '../../session/context.js'
import { Settings } from '../../session/settings/settings.js'
import { addAll, sourcesOf } from './add.js'
import type { DatabaseChange, DatabaseUpdateRequest } from './request.js'

/** The largest export of a publisher has less than one gigabyte. */
const LARGEST_EXPORT = 8 * 1024 ** 3

/**
 * Fetches what publishers export, and adds it to the database of advisories. Nothing else in this program
 * contacts them.
 * @throws USAGE, SOURCE_INSECURE, DATABASE_INVALID, NO_SPACE, network errors, and as `databaseAdd`
 */
export async function databaseUpdate(request: DatabaseUpdateRequest): Promise<DatabaseChange> {
  return await inContext(request, async (context) => {
    const urls = (await wanted(request)).map(publishedAt)
    const scratch = await makeScratch(async () => (await context.store()).places.ingestFolder)
    return await closing({ close: () => scratch.remove() }, async () => {
      const files: string[] = []
      for (const [at, url] of urls.entries())
        files.push(await fetched(context, url, path.join(scratch.path, `${at}`)))
      return await addAll(context, request, files)
    })
  })
}

async function wanted({ what, database }: DatabaseUpdateRequest): Promise<string[]> {
  if (what && what.length > 0) return what
  const setting = (await Settings.read()).get('advisories')
  const words = (setting ?? '').split(/[\s,]+/).filter((word) => word !== '')
  if (words.length > 0) return words
  const known = sourcesOf(databasePlace(database)).flatMap((source) => wordFor(source) ?? [])
  if (known.length > 0) return known
  throw new ContainerImageError('USAGE', 'Nothing says what to fetch.', {
    expected: 'URLs, osv:ECOSYSTEM, debian, or alpine:RELEASE/REPOSITORY',
    found: 'nothing, and a database without sources',
    remedy: `Name some, such as ${command('database', 'update', 'osv:Debian', 'osv:npm')}.`,
  })
}

async function fetched(context: Context, url: string, file: string): Promise<string> {
  const { signal, onProgress, insecure } = context.options
  const content = await openUrl(await context.registry(), url, { signal, insecure })
  const { label, size = 0, bytes } = content
  const told = { task: `Fetching ${label}`, id: url, label, size, kind: 'copied' as const }
  await telling(onProgress, told, (onBytes) => writeNewFile(file, counted(bytes, label, onBytes)))
  return file
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  label: string,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0
  for await (const chunk of bytes) {
    total += chunk.length
    if (total > LARGEST_EXPORT)
      throw new ContainerImageError('DOCUMENT_TOO_LARGE', `${label} is too large.`, {
        side: 'source',
        expected: `at most ${LARGEST_EXPORT} bytes`,
        found: 'more',
      })
    onBytes(chunk.length)
    yield chunk
  }
}
