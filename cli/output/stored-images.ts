import type { StoredImage } from '../../provider/index.js'
import { age } from './ages.js'
import { shortId } from './ids.js'
import { dockerSize } from './sizes.js'
import { table } from './table.js'

/** Docker's columns, one row per tag. */
export function storedLines(images: StoredImage[], now: Date, width?: number): string[] {
  const hasArtifacts = images.some(({ kind }) => kind !== undefined)
  const columns = [
    { title: 'REPOSITORY', shrinks: 1 },
    { title: 'TAG', shrinks: 2 },
    { title: 'IMAGE ID' },
    { title: 'CREATED' },
    { title: 'SIZE' },
    // Only if there is something that is not an image: otherwise the columns are docker's.
    ...(hasArtifacts ? [{ title: 'KIND' }] : []),
  ]
  const rows = images.map((image) => [
    image.repository,
    image.tag,
    shortId(image.id),
    age(image.created, now),
    dockerSize(image.size),
    ...(hasArtifacts ? [image.kind ?? 'image'] : []),
  ])
  return table(columns, rows, { width, gap: 3 })
}

/** Each id once. */
export function storedIds(images: StoredImage[]): string[] {
  return [...new Set(images.map((image) => shortId(image.id)))]
}
