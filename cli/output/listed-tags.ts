import { isIndexType, printable } from '../../manifests/index.js'
import type { TagsResult } from '../../provider/index.js'
import { table } from './table.js'

/** One tag per line; with digests, a table of what each names. */
export function tagLines({ tags }: TagsResult, width?: number): string[] {
  if (tags.every(({ digest }) => digest === undefined)) return tags.map(({ tag }) => printable(tag))
  const columns = [{ title: 'TAG', shrinks: 1 }, { title: 'DIGEST', shrinks: 2 }, { title: 'KIND' }]
  const rows = tags.map(({ tag, digest = 'not told', mediaType }) => [tag, digest, kindOf(mediaType)])
  return table(columns, rows, { width, gap: 3 })
}

function kindOf(mediaType: string | undefined): string {
  if (mediaType === undefined) return ''
  return isIndexType(mediaType) ? 'index' : 'image'
}

/** Each with its repository, as other commands take it. */
export function tagNames({ repository, tags }: TagsResult): string[] {
  return tags.map(({ tag }) => `${printable(repository)}:${printable(tag)}`)
}

/** If not all are shown, how many there are. */
export function tagsNote({ repository, total, tags }: TagsResult): string | undefined {
  if (tags.length === total) return undefined
  return `${tags.length} of the ${total} tags of ${printable(repository)}.`
}
