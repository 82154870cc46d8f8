import type { Severity } from './severity.js'

/** What a publisher says about one vulnerability. */
export interface Advisory {
  /** The publisher's own name for it: `CVE-2024-0001`, `DSA-5678-1`, `GHSA-...`. */
  id: string
  /** Its other names, including those of what it is part of or fixes. */
  aliases: string[]
  /** In one line. */
  summary: string
  severity: Severity
  /** From its CVSS vector, from 0 to 10. */
  score?: number
  /** When the publisher last changed it, as RFC 3339; empty where that is not said. */
  modified: string
}

/** Which versions of one package an advisory is about. */
export interface Affected {
  /** With its release: `Debian:12`, `npm`. */
  ecosystem: string
  /** As `packageKey` spells it. */
  name: string
  ranges: VersionRange[]
  /** Single versions, besides those of the ranges. */
  versions: string[]
  /** If the distribution gives another one than the general one in the advisory. */
  severity?: Severity
}

/** Versions from one on, up to another. */
export interface VersionRange {
  /** The first; left out for all up to the end. */
  introduced?: string
  /** Left out where the newest is still meant. */
  end?: RangeEnd
}

export interface RangeEnd {
  /** `fixed` and `limit` are not in the range, `last` is; only `fixed` means that there is a fix. */
  kind: 'fixed' | 'last' | 'limit'
  version: string
}

/** An advisory as its document has it. */
export interface ReadAdvisory extends Advisory {
  affected: Affected[]
  /** Taken back by its publisher. */
  isWithdrawn: boolean
}
