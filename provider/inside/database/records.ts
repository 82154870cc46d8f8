import type { Advisory, Affected, RangeEnd, VersionRange } from '../advisories/advisory.js'
import { SEVERITIES, type Severity } from '../advisories/severity.js'
import type { ByteCursor } from './byte-cursor.js'
import type { ByteWriter } from './byte-writer.js'
import { damagedDatabase } from './damaged.js'

/*
 * The two kinds of records of a database. An advisory stands once, however many packages it is about; each of them has an
 * entry that says where it stands.
 */

export function writeAdvisory(writer: ByteWriter, advisory: Advisory): void {
  writer.text(advisory.id)
  writer.number(advisory.aliases.length)
  for (const alias of advisory.aliases) writer.text(alias)
  writer.text(advisory.summary)
  writer.byte(SEVERITIES.indexOf(advisory.severity))
  // Scores have one decimal; one more says that there is one.
  writer.byte(advisory.score === undefined ? 0 : Math.round(advisory.score * 10) + 1)
  writer.text(advisory.modified)
}

/** @throws DATABASE_INVALID */
export function readAdvisory(cursor: ByteCursor): Advisory {
  const id = cursor.text()
  const aliases = Array.from({ length: cursor.count() }, () => cursor.text())
  const summary = cursor.text()
  const severity = severityAt(cursor.byte())
  const score = cursor.byte()
  const modified = cursor.text()
  return { id, aliases, summary, severity, ...(score === 0 ? {} : { score: (score - 1) / 10 }), modified }
}

/** An entry of a package, which is the key that leads to it. */
export interface Entry extends Pick<Affected, 'ranges' | 'versions' | 'severity'> {
  /** Where its advisory stands among all of the source. */
  advisory: number
}

export type EntryFacts = Omit<Entry, 'advisory'>

/** All but where its advisory stands, which is known only once all of them are. */
export function writeEntryFacts(writer: ByteWriter, { ranges, versions, severity }: EntryFacts): void {
  writer.byte(severity === undefined ? 0 : SEVERITIES.indexOf(severity))
  writer.number(ranges.length)
  for (const range of ranges) writeRange(writer, range)
  writer.number(versions.length)
  for (const version of versions) writer.text(version)
}

/** @throws DATABASE_INVALID */
export function readEntry(cursor: ByteCursor): Entry {
  const advisory = cursor.number()
  const severity = severityAt(cursor.byte())
  const ranges = Array.from({ length: cursor.count() }, () => readRange(cursor))
  const versions = Array.from({ length: cursor.count() }, () => cursor.text())
  return { advisory, ranges, versions, ...(severity === 'unknown' ? {} : { severity }) }
}

const END_KINDS: (RangeEnd['kind'] | undefined)[] = [undefined, 'fixed', 'last', 'limit']
const HAS_START = 4

function writeRange(writer: ByteWriter, { introduced, end }: VersionRange): void {
  writer.byte(END_KINDS.indexOf(end?.kind) | (introduced === undefined ? 0 : HAS_START))
  if (introduced !== undefined) writer.text(introduced)
  if (end) writer.text(end.version)
}

function readRange(cursor: ByteCursor): VersionRange {
  const flags = cursor.byte()
  if (flags >= 2 * HAS_START) throw damagedDatabase('a kind of range', `${flags}`)
  const introduced = flags & HAS_START ? cursor.text() : undefined
  const kind = END_KINDS[flags & (HAS_START - 1)]
  return {
    ...(introduced === undefined ? {} : { introduced }),
    ...(kind === undefined ? {} : { end: { kind, version: cursor.text() } }),
  }
}

function severityAt(index: number): Severity {
  const severity = SEVERITIES[index]
  if (severity === undefined) throw damagedDatabase('a severity', `${index}`)
  return severity
}
