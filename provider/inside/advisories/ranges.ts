import type { Findings } from '../../../manifests/index.js'
import type { VersionOrder } from '../versions/orders.js'
import type { RangeEnd, VersionRange } from './advisory.js'
import { listed, member, word } from './json-facts.js'

/** More events than any package has releases. */
const MOST_EVENTS = 10_000

interface RangeEvent {
  kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'
  version: string
}

const KINDS = ['introduced', 'fixed', 'last_affected', 'limit'] as const

/**
 * The ranges that the events of an OSV range mean (OSV schema, "affected[].ranges[].events" and "Evaluation"). Events are
 * sorted by their versions first: their order in the document says nothing.
 */
export function rangesOf(
  range: unknown,
  order: VersionOrder,
  where: string,
  findings: Findings,
): VersionRange[] {
  const events = readEvents(member(range, 'events'), where, findings)
  const limit = limitOf(events, order)
  const ranges: VersionRange[] = []
  let open: { introduced?: string } | undefined
  const close = (end?: RangeEnd): void => {
    if (open) ranges.push({ ...open, ...(end ? { end } : {}) })
    open = undefined
  }
  for (const { kind, version } of sorted(events, order)) {
    if (kind === 'introduced') open ??= isStart(version) ? {} : { introduced: version }
    else if (kind === 'fixed') close({ kind: 'fixed', version })
    else if (kind === 'last_affected') close({ kind: 'last', version })
  }
  close()
  return limit === undefined ? ranges : ranges.flatMap((one) => cut(one, limit, order))
}

function readEvents(value: unknown, where: string, findings: Findings): RangeEvent[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_EVENTS) {
    findings.note(
      `${where}.events`,
      `a list of at most ${MOST_EVENTS} events`,
      Array.isArray(value) ? `${value.length}` : 'none',
    )
    return []
  }
  const events = listed(value).flatMap((event, at) => {
    const found = KINDS.flatMap((kind) => {
      const version = word(member(event, kind))
      return version === undefined ? [] : [{ kind, version }]
    })
    if (found.length === 0) findings.add(`${where}.events[${at}]`, 'an event with a version', event)
    return found
  })
  if (!events.some(({ kind }) => kind === 'introduced'))
    findings.note(`${where}.events`, 'an event that begins it', 'none')
  return events
}

/** `0` is before all versions. */
function isStart(version: string): boolean {
  return version === '0'
}

/**
 * If a range begins at the version where another ends, the beginning is sorted first, and so the range is
 * already over.
 */
const RANKS = { introduced: 0, last_affected: 1, fixed: 2, limit: 3 }

function sorted(events: RangeEvent[], order: VersionOrder): RangeEvent[] {
  const place = (a: RangeEvent, b: RangeEvent): number => {
    const [isFirst, isOther] = [a, b].map(({ kind, version }) => kind === 'introduced' && isStart(version))
    if (isFirst || isOther) return Number(isOther) - Number(isFirst)
    return order(a.version, b.version) || RANKS[a.kind] - RANKS[b.kind]
  }
  return events.sort(place)
}

/** The greatest of several: a version need only be below one of them. `*` is no limit. */
function limitOf(events: RangeEvent[], order: VersionOrder): string | undefined {
  const limits = events.filter(({ kind }) => kind === 'limit').map(({ version }) => version)
  if (limits.length === 0 || limits.includes('*')) return undefined
  return limits.reduce((greatest, one) => (order(one, greatest) > 0 ? one : greatest))
}

function cut(range: VersionRange, limit: string, order: VersionOrder): VersionRange[] {
  if (range.introduced !== undefined && order(range.introduced, limit) >= 0) return []
  const { end } = range
  const endsBefore =
    end && (end.kind === 'last' ? order(end.version, limit) < 0 : order(end.version, limit) <= 0)
  return [endsBefore ? range : { ...range, end: { kind: 'limit', version: limit } }]
}
