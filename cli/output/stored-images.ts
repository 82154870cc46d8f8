import type { StoredImage, StoredPart } from '../../provider/index.js'
import { age } from './ages.js'
import { shortId } from './ids.js'
import { dockerSize } from './sizes.js'
import { type Column, table } from './table.js'
import { type Field, formattedLines } from './templates.js'

/** How the rows are shown. */
export interface Shown {
  now: Date
  /** Columns of the terminal. */
  width?: number | undefined
  /** Ids and digests in full, and nothing cut. */
  whole?: boolean
  digests?: boolean
}

/** Docker's columns, one row per tag; SIZE is unpacked, CONTENT what is stored, if that is known. */
export function storedLines(images: StoredImage[], shown: Shown): string[] {
  const { now, width, whole = false, digests = false } = shown
  const hasArtifacts = images.some(({ kind }) => kind !== undefined)
  const hasContent = images.length === 0 || images.some(({ contentSize }) => contentSize !== undefined)
  const columns: Column[] = [
    { title: 'REPOSITORY', shrinks: 1 },
    { title: 'TAG', shrinks: 2 },
    ...(digests ? [{ title: 'DIGEST' }] : []),
    { title: 'IMAGE ID' },
    { title: 'CREATED' },
    { title: 'SIZE' },
    ...(hasContent ? [{ title: 'CONTENT' }] : []),
    // Only if there is something that is not an image.
    ...(hasArtifacts ? [{ title: 'KIND' }] : []),
  ]
  const rows = images.map((image) => [
    image.repository,
    image.tag,
    ...(digests ? [image.digest || '<none>'] : []),
    idOf(image, whole),
    age(image.created, now),
    sizeOf(image.unpackedSize),
    ...(hasContent ? [sizeOf(image.contentSize)] : []),
    ...(hasArtifacts ? [image.kind ?? 'image'] : []),
  ])
  return table(columns, rows, { width: whole ? undefined : width, gap: 3 })
}

/** Each id once. */
export function storedIds(images: StoredImage[], whole = false): string[] {
  return [...new Set(images.map((image) => idOf(image, whole)))]
}

/** In a template's words. @throws USAGE */
export function storedInFormat(
  images: StoredImage[],
  format: string,
  { now, whole = false }: Shown,
): string[] {
  const fields: Field<StoredImage>[] = [
    { name: 'Repository', title: 'REPOSITORY', value: ({ repository }) => repository },
    { name: 'Tag', title: 'TAG', value: ({ tag }) => tag },
    { name: 'ID', title: 'IMAGE ID', value: (image) => idOf(image, whole) },
    { name: 'Digest', title: 'DIGEST', value: ({ digest }) => digest || '<none>' },
    { name: 'CreatedSince', title: 'CREATED', value: ({ created }) => age(created, now) },
    { name: 'CreatedAt', title: 'CREATED AT', value: ({ created }) => created },
    { name: 'Size', title: 'SIZE', value: ({ unpackedSize }) => sizeOf(unpackedSize) },
    { name: 'Content', title: 'CONTENT', value: ({ contentSize }) => sizeOf(contentSize) },
    { name: 'Name', title: 'NAME', value: ({ name }) => name },
    { name: 'Version', title: 'VERSION', value: ({ version }) => version },
    { name: 'FullName', title: 'FULL NAME', value: ({ fullName }) => fullName },
    { name: 'OS', title: 'OS', value: ({ os }) => os },
    { name: 'Architecture', title: 'ARCHITECTURE', value: ({ architecture }) => architecture },
    { name: 'OSVersion', title: 'OS VERSION', value: ({ osVersion }) => osVersion ?? '' },
    { name: 'Kind', title: 'KIND', value: ({ kind }) => kind ?? 'image' },
  ]
  return formattedLines(format, images, fields, ['get'])
}

/** Each image with its names, and below it what is there for each platform. */
export function storedTree(images: StoredImage[], { width, whole = false }: Shown): string[] {
  const byDigest = new Map<string, StoredImage[]>()
  for (const image of images) byDigest.set(image.digest, [...(byDigest.get(image.digest) ?? []), image])
  const rows = [...byDigest.values()].flatMap((named) => {
    const [image] = named
    if (!image) return []
    const { parts = [] } = image
    const names = named.map(({ repository, tag }) => (tag === '<none>' ? repository : `${repository}:${tag}`))
    return [
      [names.join(', '), idOf(image, whole), sizeOf(image.unpackedSize), sizeOf(image.contentSize)],
      ...parts.map((part, i) => partRow(part, i === parts.length - 1, image, whole)),
    ]
  })
  const columns = [{ title: 'IMAGE', shrinks: 1 }, { title: 'ID' }, { title: 'SIZE' }, { title: 'CONTENT' }]
  return table(columns, rows, { width: whole ? undefined : width, gap: 3 })
}

function partRow(part: StoredPart, isLast: boolean, image: StoredImage, whole: boolean): string[] {
  const branch = isLast ? '└─' : '├─'
  const what = part.platform || part.kind || image.kind || 'artifact'
  return [`${branch} ${what}`, idOf(part, whole), sizeOf(part.unpackedSize), sizeOf(part.contentSize)]
}

function idOf({ id }: Pick<StoredImage, 'id'>, whole: boolean): string {
  return whole ? id : shortId(id)
}

/** A size that was never measured is not guessed. */
function sizeOf(bytes: number | undefined): string {
  return bytes === undefined ? '-' : dockerSize(bytes)
}
