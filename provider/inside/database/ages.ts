import type { DatabaseSource } from './source-block.js'

/** After this many days too much is missing for a good answer: publishers add advisories every day. */
export const OLD_DAYS = 30

const DAY_MS = 24 * 3600 * 1000

/** How many whole days ago a time was; undefined for anything that is not a time. */
export function daysSince(date: string, now: Date): number | undefined {
  const time = Date.parse(date)
  return Number.isNaN(time) ? undefined : Math.max(0, Math.floor((now.getTime() - time) / DAY_MS))
}

/**
 * The date of the oldest of some sources: a result is as old as that. Single records do not make it older.
 */
export function oldestDate(sources: readonly DatabaseSource[]): string | undefined {
  const exports = sources.filter(({ name }) => !name.startsWith('OSV record '))
  const dates = (exports.length > 0 ? exports : sources).map(({ date }) => date).filter((date) => date !== '')
  return dates.sort()[0]
}
