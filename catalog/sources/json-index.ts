import { Findings, inUtf8, parseJson, parseObject } from '../../manifests/index.js'
import type { CatalogSource, ListOptions, SourceAnswer } from '../entry.js'
import { entriesNamed } from '../entry-name.js'
import { parseLocation } from '../location.js'
import type { DocumentReader } from '../ports.js'
import type { IndexPlace } from './file-place.js'
import { INDEX_LIMITS, readIndex } from './index-document.js'
import { readProviderIndex } from './provider-index.js'

export interface IndexSourceOptions {
  name: string
  /** Path or http(s) URL of the JSON file. */
  location: string
  /** Plain http is allowed to hosts other than this machine, for the index and for what it names. */
  insecure?: boolean
}

/** A JSON index, in our own schema or in that of the original provider; read once. */
export class IndexSource implements CatalogSource {
  readonly name: string
  readonly hasOwnNames = true
  private readonly place: IndexPlace
  private answer: SourceAnswer | undefined

  /** @throws SOURCE_INVALID, SOURCE_INSECURE */
  constructor(
    options: IndexSourceOptions,
    private readonly reader: DocumentReader,
  ) {
    const insecure = options.insecure ?? false
    parseLocation(options.location, { type: 'index', insecure })
    this.name = options.name
    this.place = { location: options.location, insecure }
  }

  /** @throws INVALID_DOCUMENT with every problem found, DOCUMENT_TOO_LARGE, and what the reader throws */
  async entries(patterns: string[], options: ListOptions): Promise<SourceAnswer> {
    const { entries, notes } = await this.read(options)
    const matching = entriesNamed(entries, patterns)
    return { entries: matching, notes: matching.length > 0 || entries.length === 0 ? notes : [] }
  }

  async names(options: ListOptions): Promise<string[]> {
    const { entries } = await this.read(options)
    return [...new Set(entries.map((entry) => entry.name))]
  }

  private async read(options: ListOptions): Promise<SourceAnswer> {
    this.answer ??= parseCatalogIndex(await this.bytes(options), this.place, this.name)
    return this.answer
  }

  private bytes(options: ListOptions): Promise<Uint8Array> {
    const { location, insecure } = this.place
    return this.reader.read(location, {
      limit: INDEX_LIMITS.bytes,
      insecure,
      signal: options.signal,
    })
  }
}

/**
 * The entries of a JSON index: an object is our own schema, a list the original provider's.
 * @param place where it was read from
 * @param source name of the source that its entries get
 * @throws INVALID_DOCUMENT with every problem found, DOCUMENT_TOO_LARGE
 */
export function parseCatalogIndex(bytes: Uint8Array, place: IndexPlace, source: string): SourceAnswer {
  const json = inUtf8(bytes)
  const findings = new Findings('catalog index')
  const answer = isList(json)
    ? readProviderIndex(parseList(json, findings), place, source, findings)
    : {
        entries: readIndex(parseObject(json, 'catalog index', INDEX_LIMITS.bytes), place, source, findings),
        notes: [],
      }
  findings.throwIfAny()
  return answer
}

function isList(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20)
  return first === '['.charCodeAt(0)
}

function parseList(bytes: Uint8Array, findings: Findings): unknown[] {
  if (bytes.length > INDEX_LIMITS.bytes) parseObject(bytes, 'catalog index', INDEX_LIMITS.bytes)
  const value = parseJson(bytes, findings)
  return Array.isArray(value) ? value : []
}
