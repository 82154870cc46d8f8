import { ContainerImageError, printable, throwIfAborted } from '../manifests/index.js'
import type { CatalogSource, Entry, ListOptions } from './entry.js'

/** What several sources have for some names. */
export interface Gathered {
  /** In the order of the sources. */
  entries: Entry[]
  notes: SourceNote[]
  /** How many sources answered. */
  answered: number
  /** What the first source that did not answer threw. */
  failure?: unknown
  /** Whether one of them found no network. */
  isOffline?: boolean
}

/** A line for the reader, and the source that it is about. */
export interface SourceNote {
  source: string
  text: string
  /** The source could not be asked, so what it has is missing. */
  isFailure?: boolean
}

/** Asks sources at once; one that fails is a note. @throws INTERRUPTED */
export async function gather(
  sources: CatalogSource[],
  patterns: string[],
  options: ListOptions,
): Promise<Gathered> {
  const results = await Promise.allSettled(sources.map((source) => source.entries(patterns, options)))
  throwIfAborted(options.signal)
  const gathered: Gathered = { entries: [], notes: [], answered: 0 }
  for (const [i, result] of results.entries()) {
    const source = sources[i]?.name ?? ''
    if (result.status === 'fulfilled') {
      gathered.answered++
      for (const entry of result.value.entries) gathered.entries.push(entry)
      if (result.value.isOffline) gathered.isOffline = true
      for (const text of result.value.notes) gathered.notes.push({ source, text })
    } else {
      gathered.failure ??= result.reason
      gathered.notes.push({ source, text: didNotAnswer(source, result.reason), isFailure: true })
    }
  }
  return gathered
}

/** Both together. */
export function joined(a: Gathered, b: Gathered): Gathered {
  const failure = a.failure ?? b.failure
  return {
    entries: [...a.entries, ...b.entries],
    notes: [...a.notes, ...b.notes],
    answered: a.answered + b.answered,
    failure,
  }
}

/** Throws what the first source threw, if none answered. */
export function throwIfNoneAnswered(gathered: Gathered): void {
  if (gathered.answered === 0 && gathered.failure !== undefined) throw gathered.failure
}

/** The lines, each once. */
export function lines(notes: SourceNote[]): string[] {
  return [...new Set(notes.map((note) => note.text))]
}

/** The source of a name, or all. @throws SOURCE_UNKNOWN */
export function sourcesNamed(sources: CatalogSource[], name: string | undefined): CatalogSource[] {
  if (name === undefined) return sources
  const named = sources.filter((source) => source.name.toLowerCase() === name.toLowerCase())
  if (named.length > 0) return named
  throw new ContainerImageError('SOURCE_UNKNOWN', `There is no source '${printable(name)}'.`, {
    expected: sources.map((source) => source.name).join(', ') || 'a registered source',
    found: printable(name),
  })
}

/** Names for suggestions; a source that fails here has already been reported. */
export async function knownNames(sources: CatalogSource[], options: ListOptions): Promise<string[]> {
  const results = await Promise.allSettled(sources.map(async (source) => source.names?.(options) ?? []))
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}

function didNotAnswer(source: string, error: unknown): string {
  const reason = error instanceof Error ? printable(error.message) : 'it failed'
  return `Source ${printable(source)} is missing here: ${reason}`
}
