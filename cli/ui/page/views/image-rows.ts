import type { EngineAnswer, ImageRow } from '../../protocol/actions.js'

/** One row of the table: a name, wherever the image is. */
export interface ListedImage extends ImageRow {
  /** `store`, `docker`, ... */
  places: string[]
  /** Whether it is the image that `latest` means in its repository. */
  isLatest: boolean
  /** How many containers in engines are made from it; undefined if no engine has it, or none says. */
  inUse: number | undefined
  /** The text that is searched, in lower case. */
  words: string
}

export interface Choice {
  text: string
  os: string
  where: 'all' | 'store' | 'engines' | 'latest' | 'used'
}

export interface Sort {
  key: string
  isDown: boolean
}

const STORE = 'store'

/** The images of the store and of engines, with each name once. */
export function listedImages(stored: ImageRow[], engines: EngineAnswer[]): ListedImage[] {
  const all = new Map<string, ListedImage>()
  const add = (place: string, row: ImageRow): void => {
    const key = `${row.repository}:${row.tag} ${row.id}`
    const known = all.get(key)
    if (known) known.places.push(place)
    else all.set(key, { ...row, places: [place], isLatest: false, inUse: undefined, words: wordsOf(row) })
  }
  for (const row of stored) add(STORE, row)
  for (const { engine, images = [] } of engines) for (const row of images) add(engine, row)
  const rows = [...all.values()]
  const latest = new Set(rows.filter(({ tag }) => tag === 'latest').map(identity))
  const used = containersById(engines)
  for (const row of rows) {
    row.isLatest = latest.has(identity(row))
    row.inUse = used.get(row.id)
  }
  return rows
}

/** By the image, whatever it is called anywhere; an engine states the same number in the row of each name. */
function containersById(engines: EngineAnswer[]): Map<string, number> {
  const all = new Map<string, number>()
  for (const { images = [] } of engines) {
    const own = new Map<string, number>()
    for (const { id, containers } of images) if (containers !== undefined) own.set(id, containers)
    for (const [id, count] of own) all.set(id, (all.get(id) ?? 0) + count)
  }
  return all
}

function identity({ repository, id }: ImageRow): string {
  return `${repository} ${id}`
}

function wordsOf({ repository, tag, name, version, digest, id, os, architecture }: ImageRow): string {
  return `${repository}:${tag} ${name} ${version} ${digest} ${id} ${os}/${architecture}`.toLowerCase()
}

/** All words of the text have to be there. */
export function chosenImages(rows: ListedImage[], { text, os, where }: Choice): ListedImage[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(
    (row) =>
      (os === '' || row.os === os) && isWhere(row, where) && wanted.every((word) => row.words.includes(word)),
  )
}

function isWhere({ places, isLatest, inUse }: ListedImage, where: Choice['where']): boolean {
  if (where === 'store') return places.includes(STORE)
  if (where === 'engines') return places.some((place) => place !== STORE)
  if (where === 'used') return (inUse ?? 0) > 0
  return where === 'all' || isLatest
}

const KEYS: Record<string, (row: ListedImage) => string | number> = {
  name: ({ repository }) => repository,
  tag: ({ tag }) => tag,
  platform: ({ os, architecture }) => `${os}/${architecture}`,
  created: ({ created }) => Date.parse(created) || 0,
  used: ({ inUse }) => inUse ?? -1,
  size: ({ unpackedSize, contentSize }) => unpackedSize ?? contentSize ?? 0,
}

// Made once: comparing without it takes ten times as long.
const { compare } = new Intl.Collator('en', { numeric: true })

export function sortedImages(rows: ListedImage[], { key, isDown }: Sort): ListedImage[] {
  const keyOf = KEYS[key]
  if (!keyOf) return rows
  const sign = isDown ? -1 : 1
  return [...rows].sort((a, b) => sign * compareKeys(keyOf(a), keyOf(b)) || compareNames(a, b))
}

function compareKeys(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))
}

/** Newer tags of a repository come first. */
function compareNames(a: ListedImage, b: ListedImage): number {
  return compare(a.repository, b.repository) || compare(b.tag, a.tag)
}

/** The name of a row that other commands accept. */
export function nameOfRow({ repository, tag, digest, id }: ImageRow): string {
  if (repository !== '<none>') return `${repository}:${tag}`
  return digest === '' ? id : digest
}
