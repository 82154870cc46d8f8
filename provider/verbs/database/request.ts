import type { CommonOptions, NetworkOptions } from '../../session/options.js'

export type { BrokenAdvisory } from '../../inside/database/read-publications.js'

/** Which database of advisories is meant. */
export interface DatabaseRequest extends CommonOptions {
  /** Its file; default: CONTAINERIMAGE_DATABASE, then `advisories.db` in the user's data folder. */
  database?: string | undefined
}

export interface DatabaseAddRequest extends DatabaseRequest {
  /** Files and folders that publishers export, or a media or file with a database. */
  paths: string[]
}

export interface DatabaseRemoveRequest extends DatabaseRequest {
  /** Names of sources, as `databaseList` has them. */
  names: string[]
}

export interface DatabaseUpdateRequest extends DatabaseRequest, NetworkOptions {
  /**
   * URLs, `osv:ECOSYSTEM`, `debian`, `alpine:RELEASE/REPOSITORY`; default: those in the setting `advisories`,
   * or else what the database has.
   */
  what?: string[] | undefined
}

/** One source in a database: what one publisher says about some ecosystems. */
export interface DatabaseSourceFacts {
  /** `OSV Debian`, `Debian security tracker`. */
  name: string
  /** Whose format it came in. */
  kind: 'osv' | 'debian-tracker' | 'alpine-secdb'
  /** When the newest of it was changed, as RFC 3339; empty where that is not known. */
  date: string
  /** In whole days; left out where it is not known. */
  ageDays?: number
  /** How many advisories it has. */
  advisories: number
  /** The ecosystems it is about, with how many entries of packages each. */
  ecosystems: Record<string, number>
}

export interface DatabaseList {
  /** The file. */
  path: string
  /** Whether there is one. */
  exists: boolean
  /** In bytes. */
  size: number
  /** By their names. */
  sources: DatabaseSourceFacts[]
}

export interface DatabaseChange extends DatabaseList {
  /** What was added, or would be; `before` is how many advisories a source of that name had. */
  added: { name: string; advisories: number; before?: number }[]
  /** Names of the sources that were removed, or would be. */
  removed: string[]
  /** What could not be used: the first hundred. */
  broken: { place: string; problem: string }[]
  /** All of that. */
  brokenCount: number
}
