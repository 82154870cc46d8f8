import type { Distribution } from '../packages/software-package.js'
import { RELEASES, type Release } from './releases.js'

/** How long a distribution is supported. */
export interface EndOfLife {
  /** The last day of security support for everybody, as `2028-06-30`. */
  end: string
  /** Whether that day is over. */
  isOver: boolean
  /** The last day of a longer support, and who gives it. */
  longer?: { by: string; end: string; isOver: boolean }
}

/** When the support of a distribution ends, or has ended; undefined where that is not known. */
export function endOfLife(distribution: Distribution, now: Date): EndOfLife | undefined {
  const release = releaseOf(distribution)
  if (release?.end === undefined) return undefined
  const { end, longer, longerEnd } = release
  return {
    end,
    isOver: isOver(end, now),
    ...(longer !== undefined && longerEnd !== undefined && longerEnd !== end
      ? { longer: { by: longer, end: longerEnd, isOver: isOver(longerEnd, now) } }
      : {}),
  }
}

function isOver(day: string, now: Date): boolean {
  return now.toISOString().slice(0, 10) > day
}

/** The row of the table for a distribution; one that is merely like it has none. */
function releaseOf({ id, version, codename, prettyName }: Distribution): Release | undefined {
  // Client builds of Windows have the same numbers as server builds, but other dates.
  if (id === 'windows' && prettyName !== undefined && /^Windows \d+(?!.*Server)/.test(prettyName))
    return undefined
  const rows = RELEASES.filter((one) => one.id === id)
  return (
    rows.find((one) => version !== undefined && isOfRelease(version, one.version)) ??
    rows.find((one) => version === undefined && codename !== undefined && one.codename === codename)
  )
}

/** `9.4` belongs to 9, `3.19.1` to 3.19, `10.0.20348.2227` to 10.0.20348. */
function isOfRelease(version: string, release: string): boolean {
  return version === release || version.startsWith(`${release}.`)
}
