import type { TarEntry } from '../members/tar-entries.js'

/** A number of an entry that engines cannot read; they refuse the whole layer then. */
export interface UnreadNumber {
  /** As the header or the pax record calls it. */
  field: string
  isTime: boolean
}

const TIMES = ['mtime', 'atime', 'ctime']
const IDS = ['uid', 'gid']
const MOST = 2n ** 63n

/** Which of an entry's numbers are not numbers to Go, whose tar reader all engines use. */
export function unreadNumbers({ header, records }: Pick<TarEntry, 'header' | 'records'>): UnreadNumber[] {
  const found: UnreadNumber[] = header.unread.map((field) => ({ field, isTime: field === 'mtime' }))
  if (!records) return found
  for (const field of TIMES) if (!isPaxTime(text(records, field))) found.push({ field, isTime: true })
  for (const field of IDS) if (!isOf64Bits(text(records, field))) found.push({ field, isTime: false })
  return found
}

/** Without one, or with an empty one, the number of the header counts. */
export function isPaxTime(said: string): boolean {
  const [, seconds, , decimals = ''] = /^([^.]*)(\.(.*))?$/s.exec(said) ?? []
  return isOf64Bits(seconds ?? 'none') && /^\d*$/.test(decimals)
}

function isOf64Bits(said: string): boolean {
  if (said === '') return true
  if (!/^[+-]?\d{1,400}$/.test(said)) return false
  const value = BigInt(said.replace('+', ''))
  return value < MOST && value >= -MOST
}

function text(records: ReadonlyMap<string, Buffer>, key: string): string {
  return records.get(key)?.toString('latin1') ?? ''
}
