import type { FoundPackage, PackageFacts } from './package-facts.js'
import type { Distribution } from './software-package.js'

/** Packages that one file may name; a whole distribution has some 60,000. */
const MOST_PACKAGES = 200_000
const MOST_NOTES = 20
/** Characters. No system has longer names or versions. */
const LONGEST_NAME = 512
const LONGEST_LICENCE = 2000

/** A package with fields that a file may or may not have. */
export interface PossiblePackage {
  kind: FoundPackage['kind']
  name: string | undefined
  version: string | undefined
  source?: { name: string; version: string | undefined } | undefined
  architecture?: string | undefined
  licence?: string | undefined
}

/** Collects what a file says, within bounds, so that what was found before a fault counts. */
export class Findings {
  readonly #packages: FoundPackage[] = []
  readonly #notes: string[] = []
  readonly #owned: NonNullable<PackageFacts['owned']> = []
  readonly #other: Omit<PackageFacts, 'packages' | 'notes' | 'owned'> = {}
  #isFull = false

  /** Takes a package that has a name and a version; anything else is left out. */
  package(possible: PossiblePackage): void {
    const name = fieldOf(possible.name)
    const version = fieldOf(possible.version)
    if (name === undefined || version === undefined) return
    if (this.#packages.length >= MOST_PACKAGES) {
      if (!this.#isFull) this.note(`names more than ${MOST_PACKAGES} packages; the rest is left out`)
      this.#isFull = true
      return
    }
    const architecture = fieldOf(possible.architecture)
    const licence = fieldOf(possible.licence, LONGEST_LICENCE)
    const source = sourceOf(possible, name, version)
    this.#packages.push({
      kind: possible.kind,
      name,
      version,
      ...(source ? { source } : {}),
      ...(architecture === undefined ? {} : { architecture }),
      ...(licence === undefined ? {} : { licence }),
    })
  }

  distribution(distribution: Distribution): void {
    this.#other.distribution = distribution
  }

  /** Anything that a file has at most one of. */
  add(facts: Omit<PackageFacts, 'packages' | 'notes' | 'owned'>): void {
    Object.assign(this.#other, facts)
  }

  /** Says which library manifests came with a distribution package. */
  owned(name: string, files: string[]): void {
    if (files.length > 0) this.#owned.push({ package: name, files })
  }

  note(text: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(text)
  }

  /** Plain JSON; undefined where nothing was found. */
  facts(): PackageFacts | undefined {
    const facts: PackageFacts = {
      ...(this.#packages.length > 0 ? { packages: this.#packages } : {}),
      ...this.#other,
      ...(this.#owned.length > 0 ? { owned: this.#owned } : {}),
      ...(this.#notes.length > 0 ? { notes: this.#notes } : {}),
    }
    return Object.keys(facts).length > 0 ? facts : undefined
  }
}

/** The source package, where it is not the package itself. */
function sourceOf(possible: PossiblePackage, name: string, version: string): FoundPackage['source'] {
  const sourceName = fieldOf(possible.source?.name)
  if (sourceName === undefined) return undefined
  const sourceVersion = fieldOf(possible.source?.version) ?? version
  return sourceName === name && sourceVersion === version
    ? undefined
    : { name: sourceName, version: sourceVersion }
}

/** A field in one line; undefined for an empty one, and for one that is not a name. */
function fieldOf(text: unknown, longest = LONGEST_NAME): string | undefined {
  if (typeof text !== 'string') return undefined
  const line = text
    .slice(0, longest + 1)
    .replace(/\s+/g, ' ')
    .trim()
  if (line === '') return undefined
  return line.length <= longest
    ? line
    : longest === LONGEST_LICENCE
      ? `${line.slice(0, longest - 1)}…`
      : undefined
}
