import {
  type Findings,
  formatPlatform,
  formatReference,
  isReference,
  isRepository,
  isTag,
  type Platform,
  parseReference,
  platform,
  present,
} from '../../manifests/index.js'
import { type Entry, type EntryLocation, inRegistry } from '../entry.js'
import { filePlace, type IndexPlace } from './file-place.js'

/** Bounds on an index; a list of all existing base images has a few thousand. */
export const INDEX_LIMITS = { bytes: 16 * 1024 * 1024, images: 100_000, summaryCharacters: 4096 } as const

/** A document with this many faults is not checked further: its author has enough to fix. */
export const MOST_PROBLEMS = 50

const KEYS = [
  'name',
  'version',
  'summary',
  'publisher',
  'os',
  'architecture',
  'variant',
  'osVersion',
  'reference',
  'url',
  'sha256',
  'size',
]

/**
 * The entries of an index in our own schema (docs/index-format.md). Adds everything that is wrong to the
 * findings; entries with faults are left out.
 */
export function readIndex(
  document: Record<string, unknown>,
  place: IndexPlace,
  source: string,
  findings: Findings,
): Entry[] {
  if (document.schemaVersion !== 1) findings.add('schemaVersion', '1', document.schemaVersion)
  for (const key of Object.keys(document))
    if (key !== 'schemaVersion' && key !== 'images')
      findings.add(key, 'no other key than schemaVersion and images', key)
  const images = imagesOf(document.images, 'images', findings)
  const entries: Entry[] = []
  const seen = new Map<string, number>()
  for (const [i, image] of images.entries()) {
    if (findings.problems.length > MOST_PROBLEMS) break
    const entry = readImage(image, `images[${i}]`, place, source, findings)
    if (!entry) continue
    const key = [entry.name.toLowerCase(), entry.version, formatPlatform(entry.platform ?? NOWHERE)].join(' ')
    const before = seen.get(key)
    if (before !== undefined)
      findings.add(`images[${i}]`, 'each name, version and platform once', `the same as images[${before}]`)
    seen.set(key, i)
    entries.push(entry)
  }
  return entries
}

const NOWHERE: Platform = { os: 'unknown', architecture: 'unknown' }

/** The list of images, within its bound. */
export function imagesOf(value: unknown, where: string, findings: Findings): unknown[] {
  if (!Array.isArray(value)) findings.add(where, 'a list', value)
  else if (value.length > INDEX_LIMITS.images)
    findings.add(where, `at most ${INDEX_LIMITS.images}`, value.length)
  else return value
  return []
}

function readImage(
  value: unknown,
  where: string,
  place: IndexPlace,
  source: string,
  findings: Findings,
): Entry | undefined {
  const before = findings.problems.length
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add(where, 'an object', value)
    return undefined
  }
  const image = value as Record<string, unknown>
  for (const key of Object.keys(image))
    if (!KEYS.includes(key)) findings.add(`${where}.${key}`, 'a known key', key)
  const text = (key: string, expected: string, test: (text: string) => boolean) =>
    checkText(image[key], `${where}.${key}`, expected, test, findings)
  const name = text('name', 'a name that is a repository in lower case', isName)
  const version = text('version', 'a version or a tag', isTag)
  const summary = text('summary', `a text of at most ${INDEX_LIMITS.summaryCharacters} characters`, isSummary)
  const publisher = optional(image.publisher, () => text('publisher', 'a name of one line', isOneLine))
  const imagePlatform = readPlatform(image, where, findings)
  const sha256 = text('sha256', '64 hex digits', isSha256).toLowerCase()
  const size = readSize(image.size, `${where}.size`, image.url !== undefined, findings)
  const location = readLocation(image, where, place, { sha256, size }, findings)
  if (!location || findings.problems.length > before) return undefined
  return present({
    name,
    version,
    platform: imagePlatform,
    summary,
    source,
    publisher,
    digest: location.kind === 'registry' ? (`sha256:${sha256}` as const) : undefined,
    size,
    location,
  })
}

function readPlatform(image: Record<string, unknown>, where: string, findings: Findings): Platform {
  const word = (key: string) =>
    checkText(
      image[key],
      `${where}.${key}`,
      'a word in lower case, such as linux',
      (t) => /^[a-z0-9_]{1,32}$/.test(t),
      findings,
    )
  const variant = optional(image.variant, () => word('variant'))
  const osVersion = optional(image.osVersion, () =>
    checkText(
      image.osVersion,
      `${where}.osVersion`,
      'three or four numbers with dots',
      isOsVersion,
      findings,
    ),
  )
  return platform(word('os'), word('architecture'), variant, osVersion)
}

/** Exactly one of `reference` and `url`, pinned by what the index says about it. */
function readLocation(
  image: Record<string, unknown>,
  where: string,
  place: IndexPlace,
  pin: { sha256: string; size: number | undefined },
  findings: Findings,
): EntryLocation | undefined {
  const { reference, url } = image
  if ((reference === undefined) === (url === undefined)) {
    findings.add(where, 'either reference or url', reference === undefined ? 'neither' : 'both')
    return undefined
  }
  if (reference !== undefined)
    return readReference(reference, `${where}.reference`, place, pin.sha256, findings)
  if (typeof url !== 'string') {
    findings.add(`${where}.url`, 'a URL, or a path relative to the index', url)
    return undefined
  }
  const found = filePlace(url, place)
  if ('refused' in found) {
    // A query may hold a signature that gives access.
    const shown = url.replace(/[?#].*$/s, '')
    findings.add(`${where}.url`, `an https URL, or a path below the index (${found.refused})`, shown)
    return undefined
  }
  if (found.location.kind === 'registry') return undefined
  return { ...found.location, sha256: pin.sha256, ...present({ size: pin.size }) }
}

function readReference(
  value: unknown,
  where: string,
  place: IndexPlace,
  sha256: string,
  findings: Findings,
): EntryLocation | undefined {
  if (typeof value !== 'string' || !isReference(value)) {
    findings.add(where, 'host[:port]/path/repo[:tag]', value)
    return undefined
  }
  const reference = parseReference(value)
  const digest = `sha256:${sha256}`
  if (reference.digest !== undefined && reference.digest !== digest) {
    findings.add(where, `the digest that sha256 gives (${digest})`, reference.digest)
    return undefined
  }
  return inRegistry(formatReference({ ...reference, digest }), place.insecure)
}

function readSize(value: unknown, where: string, needed: boolean, findings: Findings): number | undefined {
  if (value === undefined && !needed) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  findings.add(where, 'a whole number of bytes', value)
  return undefined
}

function checkText(
  value: unknown,
  where: string,
  expected: string,
  test: (text: string) => boolean,
  findings: Findings,
): string {
  if (typeof value === 'string' && test(value)) return value
  findings.add(where, expected, value)
  return ''
}

function optional(value: unknown, read: () => string): string | undefined {
  return value === undefined ? undefined : read()
}

/** A name becomes a repository in the store and part of a file name. */
export function isName(text: string): boolean {
  return isRepository(text.toLowerCase())
}

function isSummary(text: string): boolean {
  return text.length <= INDEX_LIMITS.summaryCharacters
}

function isOneLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose
  return text.trim() !== '' && text.length <= 200 && !/[\u0000-\u001f\u007f]/.test(text)
}

function isOsVersion(text: string): boolean {
  return /^[0-9]{1,10}(?:\.[0-9]{1,10}){2,3}$/.test(text)
}

function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text)
}
