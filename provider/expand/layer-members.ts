import { ContainerImageError, show } from '../../manifests/index.js'
import type { Cursor } from '../members/cursor.js'
import { memberName } from '../members/member-names.js'
import { BLOCK, isZeroBlock, padded, parseTarHeader, type TarHeader } from '../members/tar-header.js'

/** A member of a layer with all that its records say; its bytes are taken from the cursor. */
export interface LayerMember {
  name: string
  /** The type of its header: `0` a file, `1` a hard link, `2` a symlink, `5` a folder. */
  type: string
  size: number
  /** Of a hard link: the name in the layer; of a symlink: as it stands. */
  target: string
  /** In seconds since 1970, with decimals. */
  mtime: number
  mode: number
  /** The pax records, one character a byte. */
  records: ReadonlyMap<string, string>
}

/** Security descriptors have up to 64 KiB; more than this would be an attack on memory. */
const RECORDS_LIMIT = 1024 * 1024

/**
 * Walks through a layer. Between two members the consumer may take the bytes of the first from the cursor.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME
 */
export async function* layerMembers(
  cursor: Cursor,
  label: string,
): AsyncGenerator<LayerMember, void, undefined> {
  let records = new Map<string, string>()
  for (;;) {
    const block = await cursor.take(BLOCK)
    if (block.length === 0 || isZeroBlock(block)) return
    const header = parseTarHeader(block)
    if (!header) throw invalid(label, cursor.position - BLOCK, 'the header of a member')
    if (header.type === 'x' || header.type === 'L' || header.type === 'K') {
      for (const [key, value] of await readRecords(cursor, header, label)) records.set(key, value)
      continue
    }
    if (header.type === 'g') {
      await skip(cursor, padded(header.size), label)
      continue
    }
    const member = memberOf(header, records, label)
    records = new Map()
    const end = cursor.position + padded(member.size)
    yield member
    await skip(cursor, end - cursor.position, label)
  }
}

function memberOf(header: TarHeader, records: Map<string, string>, label: string): LayerMember {
  const isFile = header.type === '0' || header.type === '7'
  const target = text(records.get('linkpath')) ?? header.linkName
  return {
    name: memberName(text(records.get('path')) ?? header.name, label),
    type: header.type === '7' ? '0' : header.type,
    size: isFile ? sizeOf(header, records, label) : 0,
    target: header.type === '1' ? memberName(target, label) : target,
    mtime: Number(records.get('mtime') ?? header.mtime) || 0,
    mode: header.mode,
    records,
  }
}

function sizeOf(header: TarHeader, records: Map<string, string>, label: string): number {
  const said = records.get('size')
  const size = said === undefined ? header.size : /^\d{1,15}$/.test(said) ? Number(said) : -1
  if (size < 0) throw invalid(label, 0, 'the size of a member')
  return size
}

function text(bytes: string | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString('utf8')
}

async function readRecords(cursor: Cursor, header: TarHeader, label: string): Promise<[string, string][]> {
  const start = cursor.position
  if (header.size > RECORDS_LIMIT) throw invalid(label, start, `at most ${RECORDS_LIMIT} bytes of records`)
  const bytes = Buffer.from(await cursor.take(header.size))
  if (bytes.length < header.size) throw invalid(label, start, 'the records of a member')
  await skip(cursor, padded(header.size) - header.size, label)
  const raw = bytes.toString('latin1')
  if (header.type === 'L') return [['path', raw.replace(/\0.*$/s, '')]]
  if (header.type === 'K') return [['linkpath', raw.replace(/\0.*$/s, '')]]
  const found: [string, string][] = []
  for (let at = 0; at < raw.length && raw[at] !== '\0'; ) {
    const blank = raw.indexOf(' ', at)
    const length = Number(raw.slice(at, blank))
    const record = raw.slice(blank + 1, at + length)
    const equals = record.indexOf('=')
    const inside = blank > at && Number.isSafeInteger(length) && at + length <= raw.length
    if (!inside || equals < 1 || !record.endsWith('\n')) throw invalid(label, start + at, 'a pax record')
    found.push([record.slice(0, equals), record.slice(equals + 1, -1)])
    at += length
  }
  return found
}

async function skip(cursor: Cursor, count: number, label: string): Promise<void> {
  if (count > 0 && !(await cursor.skip(count))) throw invalid(label, cursor.position, 'more bytes')
}

function invalid(label: string, position: number, expected: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${label} is damaged, at byte ${position}.`, {
    side: 'source',
    expected,
    found: show('other bytes'),
  })
}
