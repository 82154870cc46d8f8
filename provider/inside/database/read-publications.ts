import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, Findings, hasCode, show, throwIfAborted } from '../../../manifests/index.js'
import { isObject } from '../../../manifests/json-kinds.js'
import { shallowJson } from '../../../manifests/json-structure.js'
import { zipMembers } from '../../archives/members/zip.js'
import { collect } from '../../copy/read-verified.js'
import { closing } from '../../io/closing/closing.js'
import { listFolder } from '../../io/files/list-folder.js'
import { openToRead, readDocument } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import type { OnProgress } from '../../io/progress.js'
import { isAlpineSecdb, readAlpineSecdb } from '../advisories/alpine-secdb.js'
import { isDebianTracker, readDebianTracker } from '../advisories/debian-tracker.js'
import { member, word } from '../advisories/json-facts.js'
import { isOsv, readOsv } from '../advisories/osv.js'
import { checkDatabase } from './check-database.js'
import { DATABASE_FILE } from './database-place.js'
import { Database } from './open-database.js'
import type { SourceBlock } from './source-block.js'
import { SourceBuilder } from './source-builder.js'

/** Something that could not be used; the rest was. */
export interface BrokenAdvisory {
  /** The file, and which part of it: `all.zip, a record in it`. */
  place: string
  /** What is wrong with it. */
  problem: string
}

export interface ReadPublications {
  blocks: SourceBlock[]
  /** The first hundred. */
  broken: BrokenAdvisory[]
  /** All of them. */
  brokenCount: number
}

export interface ReadOptions {
  signal?: AbortSignal | undefined
  onProgress?: OnProgress | undefined
}

/** A record of OSV's has some kilobytes; the largest, of kernels, a few megabytes. */
const LARGEST_RECORD = 64 * 1024 * 1024
/** Debian's whole tracker has 70 MB; more than this no text can have. */
const LARGEST_DOCUMENT = 400 * 1024 * 1024
const DEEPEST_FOLDER = 8
const MOST_LISTED = 100

/**
 * Reads what publishers of advisories export: zips and folders of OSV's records, single ones, the JSON of Debian's security
 * tracker, files of Alpine's security database, and databases that this program made. What is broken is left out.
 * @throws PATH_NOT_FOUND, NOT_A_FILE, ARCHIVE_INVALID, UNSAFE_NAME, DATABASE_INVALID, INTERRUPTED; INVALID_DOCUMENT where a
 * file has nothing that can be used
 */
export async function readPublications(
  paths: readonly string[],
  options: ReadOptions = {},
): Promise<ReadPublications> {
  const reading = new Reading(options)
  for (const one of paths) await reading.take(path.resolve(one))
  const read = reading.result()
  const [first] = read.broken
  if (read.blocks.length === 0) throw nothingIn(first?.place ?? paths.join(', '), first?.problem ?? 'none')
  return read
}

class Reading {
  private readonly exports = new SourceBuilder()
  private input = 0
  /** By the names of their sources: the last one with a name counts. */
  private readonly blocks = new Map<string, SourceBlock>()
  private readonly broken: BrokenAdvisory[] = []
  private brokenCount = 0

  constructor(private readonly options: ReadOptions) {}

  async take(place: string): Promise<void> {
    const found = await inWords(`Opening ${place}`, 'source', () => stat(place))
    if (!found.isDirectory()) return await this.takeFile(place)
    const database = path.join(place, DATABASE_FILE)
    // A media, or a folder that somebody copied a database to.
    if ((await lstat(database).catch(() => undefined))?.isFile()) return await this.takeDatabase(database)
    await this.takeFolder(place)
  }

  /** Records in a folder are an export that was unpacked. */
  private async takeFolder(folder: string): Promise<void> {
    const input = this.input++
    let used = 0
    for await (const file of filesBelow(folder)) {
      throwIfAborted(this.options.signal)
      if (/\.zip$/i.test(file)) await this.takeZip(file)
      else if (/\.json$/i.test(file)) {
        const value = await this.attempt(file, async () => parsed(await readDocument(file, LARGEST_DOCUMENT)))
        if (value === undefined) continue
        if (isOsv(value)) this.addRecord(value, file, input)
        else await this.takeDocument(value, file)
      } else continue
      used++
    }
    if (used === 0) throw nothingIn(folder, 'a folder without .json and .zip files')
  }

  private async takeFile(file: string): Promise<void> {
    const head = await firstBytes(file)
    if (head.startsWith('PK\u0003\u0004') || head.startsWith('PK\u0005\u0006'))
      return await this.takeZip(file)
    if (head.startsWith('CIMGADV\n')) return await this.takeDatabase(file)
    const value = parsed(await readDocument(file, LARGEST_DOCUMENT), file)
    if (isOsv(value)) this.takeRecord(value, file)
    else await this.takeDocument(value, file)
  }

  /** A single record is a separate source: it must not replace a whole export. */
  private takeRecord(value: unknown, file: string): void {
    const builder = new SourceBuilder()
    const record = this.read(value, file)
    if (!record) return
    builder.add(record)
    this.put(builder.block(undefined, { name: `OSV record ${record.id}`, kind: 'osv' }))
  }

  private async takeDocument(value: unknown, file: string): Promise<void> {
    if (Array.isArray(value) && value.some(isOsv)) {
      const input = this.input++
      for (const [at, one] of value.entries()) this.addRecord(one, `${file}[${at}]`, input)
    } else if (isDebianTracker(value)) await this.takeTracker(value as object, file)
    else if (isAlpineSecdb(value)) await this.takeSecdb(value as object, file)
    else
      this.note(
        file,
        "neither a record of OSV, nor the JSON of Debian's tracker, nor a file of Alpine's secdb",
      )
  }

  private async takeTracker(value: object, file: string): Promise<void> {
    const findings = new Findings(file)
    const builder = new SourceBuilder()
    for (const one of readDebianTracker(value, findings)) builder.add(one)
    this.noteAll(file, findings)
    const date = await changedAt(file)
    this.put(builder.block(undefined, { name: 'Debian security tracker', kind: 'debian-tracker', date }))
  }

  private async takeSecdb(value: object, file: string): Promise<void> {
    const findings = new Findings(file)
    const builder = new SourceBuilder()
    const read = readAlpineSecdb(value, findings)
    for (const one of read) builder.add(one)
    this.noteAll(file, findings)
    const facts = [word(member(value, 'distroversion')), word(member(value, 'reponame'))]
    const of = facts.filter((one) => one !== undefined).join(' ')
    const [family = 'Alpine'] = builder.families()
    const name = `${family} secdb ${of}`.trim()
    this.put(builder.block(undefined, { name, kind: 'alpine-secdb', date: await changedAt(file) }))
  }

  private async takeZip(file: string): Promise<void> {
    const input = this.input++
    const members = await zipMembers(file)
    await closing(members, async () => {
      const all = (await members.list()).filter(({ name, kind }) => kind === 'file' && /\.json$/i.test(name))
      if (all.length === 0) throw nothingIn(file, 'a zip without .json files')
      const task = `Reading ${path.basename(file)}`
      this.options.onProgress?.({ type: 'begin', task, total: all.reduce((sum, { size }) => sum + size, 0) })
      this.options.onProgress?.({ type: 'blob', id: file, label: path.basename(file), size: 0 })
      for (const { name, size } of all) {
        throwIfAborted(this.options.signal)
        const place = `${file}, ${name}`
        const value = await this.attempt(place, async () =>
          parsed(await collect(members.read(name, { signal: this.options.signal }), LARGEST_RECORD, place)),
        )
        if (value !== undefined) this.addRecord(value, place, input)
        this.options.onProgress?.({ type: 'bytes', id: file, count: size, kind: 'verified' })
      }
      this.options.onProgress?.({ type: 'blob-end', id: file })
      this.options.onProgress?.({ type: 'end', task })
    })
  }

  /** Its sources are taken as they are. */
  private async takeDatabase(file: string): Promise<void> {
    const database = Database.open(file)
    try {
      await checkDatabase(file, database.header, this.options.signal)
      for (const { name } of database.sources) {
        const block = database.blockOf(name)
        if (block) this.put(block)
      }
    } finally {
      database.close()
    }
  }

  private addRecord(value: unknown, place: string, input: number): void {
    const record = this.read(value, place)
    if (record) this.exports.add(record, input)
  }

  private read(value: unknown, place: string): ReturnType<typeof readOsv> {
    if (!isOsv(value)) {
      this.note(place, `no record of OSV: ${show(isObject(value) ? Object.keys(value).slice(0, 5) : value)}`)
      return undefined
    }
    const findings = new Findings(place)
    const record = readOsv(value, findings)
    this.noteAll(place, findings)
    return record
  }

  private async attempt<T>(place: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step()
    } catch (error) {
      if (!hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE', 'ARCHIVE_INVALID', 'SIZE_MISMATCH'))
        throw error
      this.note(place, error.message)
      return undefined
    }
  }

  private noteAll(place: string, findings: Findings): void {
    for (const { where, expected, found } of findings.problems)
      this.note(place, `${where}: expected ${expected}, found ${found}`)
    this.brokenCount += findings.count - findings.problems.length
  }

  private note(place: string, problem: string): void {
    this.brokenCount++
    if (this.broken.length < MOST_LISTED) this.broken.push({ place, problem })
  }

  private put(block: SourceBlock): void {
    this.blocks.set(block.source.name, block)
  }

  result(): ReadPublications {
    for (const family of this.exports.families())
      this.put(this.exports.block(family, { name: `OSV ${family}`, kind: 'osv' }))
    return { blocks: [...this.blocks.values()], broken: this.broken, brokenCount: this.brokenCount }
  }
}

async function* filesBelow(folder: string, depth = 0): AsyncGenerator<string> {
  for (const entry of await listFolder(folder)) {
    const place = path.join(folder, entry.name)
    if (entry.isFile()) yield place
    else if (entry.isDirectory() && depth < DEEPEST_FOLDER) yield* filesBelow(place, depth + 1)
  }
}

async function firstBytes(file: string): Promise<string> {
  const handle = await openToRead(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * @param what for the message; need not repeat the place if a note names it already
 * @throws INVALID_DOCUMENT
 */
function parsed(bytes: Uint8Array, what = 'It'): unknown {
  try {
    return shallowJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new ContainerImageError(
      'INVALID_DOCUMENT',
      `${what} is not JSON in UTF-8: ${(error as Error).message}.`,
      {
        side: 'source',
        expected: 'JSON in UTF-8',
        found: (error as Error).message,
      },
    )
  }
}

function nothingIn(place: string, found: string): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', `${place} has no advisories that can be used.`, {
    side: 'source',
    expected:
      "OSV's records in .json or .zip files, the JSON of Debian's security tracker, or Alpine's secdb",
    found,
    remedy: 'Give a file as its publisher offers it, such as all.zip of an ecosystem of osv.dev.',
    details: { path: place },
  })
}

/** To the second: some file systems are no more precise. */
async function changedAt(file: string): Promise<string> {
  const { mtimeMs } = await stat(file)
  return new Date(Math.floor(mtimeMs / 1000) * 1000).toISOString()
}
