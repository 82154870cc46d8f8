import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isObject } from '../../../manifests/json-kinds.js'
import { replaceFile } from '../../io/files/durable.js'
import { documentThere } from '../../io/files/read-document.js'
import { readRange } from '../../io/files/read-range.js'
import { damagedDatabase } from './damaged.js'
import { type Header, SUMMED_FROM } from './database-file.js'

/**
 * Compares the bytes of a database with its sum.
 * @throws DATABASE_INVALID, INTERRUPTED
 */
export async function checkDatabase(file: string, header: Header, signal?: AbortSignal): Promise<void> {
  const sum = createHash('sha256')
  const range = { path: file, offset: SUMMED_FROM, size: header.size - SUMMED_FROM }
  for await (const chunk of readRange(range, { signal })) sum.update(chunk)
  const found = sum.digest('hex')
  if (found !== header.sha256) throw damagedDatabase(`SHA-256 ${header.sha256}`, `SHA-256 ${found}`, file)
}

/**
 * The same, but only once as long as the file has the same place, size and times. That is remembered beside
 * it.
 * @throws DATABASE_INVALID, INTERRUPTED
 */
export async function checkDatabaseOnce(file: string, header: Header, signal?: AbortSignal): Promise<void> {
  const facts = await factsOf(file)
  const beside = checkedFile(file)
  const before = await documentThere(beside, LARGEST).catch(() => undefined)
  if (before && isSame(before, facts)) return
  await checkDatabase(file, header, signal)
  // If that cannot be written, the database is checked each time.
  await replaceFile(beside, Buffer.from(`${JSON.stringify(facts)}\n`)).catch(() => {})
}

/** The file that says that a database was found to be intact. */
function checkedFile(file: string): string {
  return `${file}.checked`
}

const LARGEST = 4096

async function factsOf(file: string): Promise<Record<string, string>> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
  return { ino: `${ino}`, size: `${size}`, mtime: `${mtimeNs}`, ctime: `${ctimeNs}` }
}

function isSame(bytes: Buffer, facts: Record<string, string>): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isObject(value) && Object.entries(facts).every(([key, fact]) => value[key] === fact)
  } catch {
    return false
  }
}
