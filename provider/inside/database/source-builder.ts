import type { Advisory, ReadAdvisory } from '../advisories/advisory.js'
import { familyOf } from '../advisories/ecosystems.js'
import { ByteWriter } from './byte-writer.js'
import { writeAdvisory, writeEntryFacts } from './records.js'
import { type DatabaseSource, KEY_SIZE, keyOf, type SourceBlock } from './source-block.js'

/** Places in a block have 32 bits. */
const LARGEST_PART = 2 ** 31

interface Kept {
  advisory: Advisory
  input: number
  isDropped: boolean
}

/**
 * Gathers the advisories of one source. Entries are kept as the bytes that they will be: there are more than a million of
 * them in the exports of a large distribution.
 */
export class SourceBuilder {
  private readonly kept: Kept[] = []
  private readonly byId = new Map<string, number>()
  private readonly keys = new Map<string, number>()
  private readonly keyList: { ecosystem: string; name: string }[] = []
  private readonly facts = new ByteWriter()
  /** Of each entry: its key, its advisory, and where its bytes begin. */
  private readonly entryKeys: number[] = []
  private readonly entryAdvisories: number[] = []
  private readonly entryPlaces: number[] = []

  /**
   * For each input: the families that all of its advisories are about, if there are any; and all families.
   */
  private readonly inputs: { common: Set<string>; all: Set<string> }[] = []

  /**
   * The same advisory twice: the one that was changed later counts, whatever it says.
   * @param input which of the files it came from: one export each
   */
  add(advisory: ReadAdvisory, input = 0): void {
    const key = `${input} ${advisory.id}`
    const before = this.byId.get(key)
    const old = before === undefined ? undefined : this.kept[before]
    if (old && old.advisory.modified > advisory.modified) return
    if (old) old.isDropped = true
    const at = this.kept.length
    const { affected, isWithdrawn, ...facts } = advisory
    this.byId.set(key, at)
    this.kept.push({ advisory: facts, input, isDropped: isWithdrawn || affected.length === 0 })
    if (isWithdrawn || affected.length === 0) return
    this.noteFamilies(input, new Set(affected.map(({ ecosystem }) => familyOf(ecosystem))))
    for (const { ecosystem, name, ...entry } of affected) {
      this.entryKeys.push(this.keyNumber(ecosystem, name))
      this.entryAdvisories.push(at)
      this.entryPlaces.push(this.facts.length)
      writeEntryFacts(this.facts, entry)
    }
  }

  private noteFamilies(input: number, families: Set<string>): void {
    const before = this.inputs[input]
    if (before) {
      for (const one of before.common) if (!families.has(one)) before.common.delete(one)
      for (const one of families) before.all.add(one)
    } else this.inputs[input] = { common: new Set(families), all: families }
  }

  private keyNumber(ecosystem: string, name: string): number {
    const key = `${ecosystem}\n${name}`
    const known = this.keys.get(key)
    if (known !== undefined) return known
    this.keys.set(key, this.keyList.length)
    this.keyList.push({ ecosystem, name })
    return this.keyList.length - 1
  }

  /** The families of ecosystems that there is an export of. */
  families(): string[] {
    return [...new Set(this.inputs.flatMap((_, input) => [...this.familiesOf(input)]))].sort()
  }

  /**
   * Those that all advisories of an input have in common, as an npm advisory may also be about a Maven
   * package, for which Maven's own export has more; if no family is common to all, all of them.
   */
  private familiesOf(input: number): ReadonlySet<string> {
    const { common, all } = this.inputs[input] ?? { common: new Set<string>(), all: new Set<string>() }
    return common.size > 0 ? common : all
  }

  /**
   * The part of it that is about a family, or all of it.
   * @param named everything except what is counted here
   */
  block(
    family: string | undefined,
    named: Pick<DatabaseSource, 'name' | 'kind'> & { date?: string },
  ): SourceBlock {
    const keys = this.sortedKeys(family)
    const chosen = this.entriesByKey(keys, this.chosenAdvisories(family))
    const advisories = new ByteWriter()
    const places = this.writeAdvisories(chosen, advisories)
    const [table, texts, entries] = [new ByteWriter(), new ByteWriter(), new ByteWriter()]
    const row = Buffer.alloc(KEY_SIZE)
    const ecosystems = new Map<string, number>()
    let count = 0
    for (const [rank, { key, ecosystem }] of keys.entries()) {
      const own = chosen[rank] ?? []
      if (own.length === 0) continue
      const start = entries.length
      for (const entry of own) {
        entries.number(places.get(this.entryAdvisories[entry] ?? 0) ?? 0)
        entries.append(this.factsOf(entry))
      }
      row.writeUInt32LE(texts.length, 0)
      row.writeUInt32LE(key.length, 4)
      row.writeUInt32LE(start, 8)
      row.writeUInt32LE(entries.length - start, 12)
      row.writeUInt32LE(own.length, 16)
      table.append(row)
      texts.append(key)
      if (texts.length > LARGEST_PART || entries.length > LARGEST_PART)
        throw new RangeError('more advisories than a source of a database can hold')
      ecosystems.set(ecosystem, (ecosystems.get(ecosystem) ?? 0) + own.length)
      count += own.length
    }
    const parts = [table, texts, entries, advisories].map((part) => part.view())
    return {
      source: {
        name: named.name,
        kind: named.kind,
        date: named.date ?? this.newest(places.keys()),
        advisories: count === 0 ? 0 : places.size,
        ecosystems: Object.fromEntries([...ecosystems].sort(([a], [b]) => (a < b ? -1 : 1))),
      },
      sizes: {
        keys: table.length,
        texts: texts.length,
        entries: entries.length,
        advisories: advisories.length,
      },
      bytes: Buffer.concat(parts),
    }
  }

  /** From exports of the family, and each advisory once: the one that was changed last. */
  private chosenAdvisories(family: string | undefined): Set<number> {
    const newest = new Map<string, number>()
    for (const [at, { advisory, input, isDropped }] of this.kept.entries()) {
      if (isDropped || (family !== undefined && !this.familiesOf(input).has(family))) continue
      const before = newest.get(advisory.id)
      const old = before === undefined ? undefined : this.kept[before]?.advisory
      if (!old || old.modified <= advisory.modified) newest.set(advisory.id, at)
    }
    return new Set(newest.values())
  }

  private sortedKeys(family: string | undefined): { key: Buffer; ecosystem: string; number: number }[] {
    return this.keyList
      .map(({ ecosystem, name }, number) => ({ key: keyOf(ecosystem, name), ecosystem, number }))
      .filter(({ ecosystem }) => family === undefined || familyOf(ecosystem) === family)
      .sort((a, b) => Buffer.compare(a.key, b.key))
  }

  /** The entries of each key, in the order of the ids of their advisories. */
  private entriesByKey(keys: readonly { number: number }[], advisories: ReadonlySet<number>): number[][] {
    const rankOf = new Map(keys.map(({ number }, rank) => [number, rank]))
    const lists: number[][] = keys.map(() => [])
    for (const [entry, advisory] of this.entryAdvisories.entries()) {
      const rank = rankOf.get(this.entryKeys[entry] ?? -1)
      if (rank === undefined || !advisories.has(advisory)) continue
      lists[rank]?.push(entry)
    }
    const idOf = (entry: number): string => this.kept[this.entryAdvisories[entry] ?? 0]?.advisory.id ?? ''
    for (const list of lists)
      list.sort((a, b) => compare(idOf(a), idOf(b)) || Buffer.compare(this.factsOf(a), this.factsOf(b)))
    return lists
  }

  /** Those that entries lead to, by their ids. @returns where each stands */
  private writeAdvisories(chosen: readonly number[][], writer: ByteWriter): Map<number, number> {
    const needed = new Set<number>()
    for (const entry of chosen.flat()) needed.add(this.entryAdvisories[entry] ?? 0)
    const idOf = (advisory: number): string => this.kept[advisory]?.advisory.id ?? ''
    const places = new Map<number, number>()
    for (const advisory of [...needed].sort((a, b) => compare(idOf(a), idOf(b)))) {
      const facts = this.kept[advisory]?.advisory
      if (!facts) continue
      places.set(advisory, writer.length)
      const record = new ByteWriter(1024)
      writeAdvisory(record, facts)
      writer.number(record.length)
      writer.append(record.view())
    }
    return places
  }

  private factsOf(entry: number): Buffer {
    return this.facts.view(this.entryPlaces[entry], this.entryPlaces[entry + 1] ?? this.facts.length)
  }

  private newest(advisories: Iterable<number>): string {
    let newest = ''
    for (const advisory of advisories) {
      const { modified = '' } = this.kept[advisory]?.advisory ?? {}
      if (modified > newest) newest = modified
    }
    return newest
  }
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
