import { printable } from '../../manifests/index.js'
import type { CatalogSource, ListOptions, SourceAnswer } from '../entry.js'
import { entriesOfAnyName } from '../other-names.js'
import type { FolderLister } from '../ports.js'

export interface FolderSourceOptions {
  name: string
  /** A folder on this machine, a stick, or a share. */
  path: string
}

/** A folder: every image in every archive and layout in it, read in place. */
export class FolderSource implements CatalogSource {
  readonly name: string
  readonly hasOwnNames = true
  readonly #path: string
  #answer: SourceAnswer | undefined

  constructor(
    options: FolderSourceOptions,
    private readonly lister: FolderLister,
  ) {
    this.name = options.name
    this.#path = options.path
  }

  /** @throws what the lister throws, PATH_NOT_FOUND for a folder that is not there */
  async entries(patterns: string[], options: ListOptions): Promise<SourceAnswer> {
    const { entries, notes } = await this.#list(options)
    return { entries: entriesOfAnyName(entries, patterns), notes }
  }

  async names(options: ListOptions): Promise<string[]> {
    const { entries } = await this.#list(options)
    return [...new Set(entries.map((entry) => entry.name))]
  }

  /** Reading the archives' lists is what takes time; it is done once. */
  async #list(options: ListOptions): Promise<SourceAnswer> {
    if (!this.#answer) {
      const { entries, notes } = await this.lister.images(this.#path, options)
      this.#answer = {
        entries: entries.map((entry) => ({ ...entry, source: this.name })),
        notes: notes.map((note) => `Source ${printable(this.name)}: ${note}`),
      }
    }
    return this.#answer
  }
}
