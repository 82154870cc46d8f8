import { matcher } from '../../../catalog/wildcard.js'
import { ContainerImageError, show } from '../../../manifests/index.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import { notInstalled } from '../../store/not-installed.js'
import type { StoredImage } from './request.js'

/** A row, with details that only the filters need. */
export interface Filterable {
  row: StoredImage
  /** The labels in its config; undefined if they are not known, as with an engine's images. */
  labels: Record<string, string> | undefined
}

/** Docker's filters of images, by their keys. */
const FILTERS: Record<string, (value: string, all: readonly Filterable[], now: Date) => Test> = {
  reference: (value) => byReference(value),
  label: (value) => byLabel(value),
  dangling: (value) => {
    const wanted = truth(value)
    return ({ row }) => (row.tag === '<none>') === wanted
  },
  before: (value, all) => {
    const time = createdOf(value, all)
    return ({ row }) => timeOf(row) < time
  },
  since: (value, all) => {
    const time = createdOf(value, all)
    return ({ row }) => timeOf(row) > time
  },
  until: (value, _all, now) => {
    const time = timeBefore(value, now)
    return ({ row }) => timeOf(row) < time
  },
}

type Test = (one: Filterable) => boolean

/**
 * The rows that some filters leave, each `key=value`: all keys must match, but only one of several references
 * or times.
 * @throws USAGE for filters that docker does not know either, NOT_INSTALLED for the image of `before` or
 * `since`
 */
export function filtered(filters: readonly string[], all: readonly Filterable[], now: Date): StoredImage[] {
  const tests = new Map<string, Test[]>()
  for (const text of filters) {
    const at = text.indexOf('=')
    const key = at < 0 ? text : text.slice(0, at)
    const make = Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined
    if (!make || at < 0)
      throw invalid(
        text,
        Object.keys(FILTERS)
          .map((one) => `${one}=VALUE`)
          .join(', '),
      )
    // Every label has to be there; for other filters one is enough.
    const group = key === 'label' ? text : key
    tests.set(group, [...(tests.get(group) ?? []), make(text.slice(at + 1), all, now)])
  }
  const groups = [...tests.values()]
  return all.filter((one) => groups.every((group) => group.some((test) => test(one)))).map(({ row }) => row)
}

function byReference(pattern: string): Test {
  const { name, tag } = splitTag(pattern)
  const isName = matcher(name)
  const isTag = tag === undefined ? () => true : matcher(tag)
  return ({ row }) => (isName(row.repository) || isName(lastPart(row.repository))) && isTag(row.tag)
}

function lastPart(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1)
}

function byLabel(text: string): Test {
  const at = text.indexOf('=')
  const [key, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
  return ({ labels }) => {
    if (labels === undefined) throw invalid(`label=${text}`, 'another filter: an engine does not list labels')
    return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value)
  }
}

function truth(value: string): boolean {
  if (/^(true|1)$/i.test(value)) return true
  if (/^(false|0)$/i.test(value)) return false
  throw invalid(`dangling=${value}`, 'dangling=true or dangling=false')
}

function createdOf(name: string, all: readonly Filterable[]): number {
  const rows = all.map(({ row }) => row)
  const [image] = imagesOfOne(name, rows)
  if (!image)
    throw notInstalled(
      name,
      rows.map(({ repository, tag }) => `${repository}:${tag}`),
    )
  return timeOf(image)
}

/** An image without a time comes before everything. */
function timeOf({ created }: StoredImage): number {
  const time = Date.parse(created)
  return Number.isNaN(time) ? 0 : time
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `24h`, or a date. */
function timeBefore(text: string, now: Date): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now.getTime() - Number(count) * (UNITS[unit] ?? 0)
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw invalid(`until=${text}`, 'until=24h, or until=2024-03-01')
  return time
}

function invalid(found: string, expected: string): ContainerImageError {
  return new ContainerImageError('USAGE', `The filter ${show(found)} is not known.`, { expected, found })
}
