import { spawnSync } from 'node:child_process'
import type { WimBlob, WimEntry } from '../../../../provider/formats/wim/index.js'
import { peer } from '../../../peers/peers.js'

/** Runs wimlib-imagex; throws with what it printed where it fails. */
export function wimlib(...args: string[]): string {
  const program = peer('wimlib-imagex')
  if (!program) throw new Error('wimlib-imagex is not on the PATH')
  const result = spawnSync(program, args, {
    maxBuffer: 1 << 28,
    env: { ...process.env, TZ: 'UTC', LANG: 'C.UTF-8' },
  })
  if (result.status !== 0) throw new Error(`wimlib-imagex ${args.join(' ')}: ${result.stderr}`)
  return wtf8(result.stdout)
}

/** wimlib shows half of a character beyond 16 bits as three bytes that are no UTF-8. */
function wtf8(bytes: Buffer): string {
  const parts = bytes.toString('latin1').split(/(\xed[\xa0-\xbf][\x80-\xbf])/)
  return parts
    .map((part, i) => {
      if (i % 2 === 0) return Buffer.from(part, 'latin1').toString('utf8')
      return String.fromCharCode(0xd000 | ((part.charCodeAt(1) & 0x3f) << 6) | (part.charCodeAt(2) & 0x3f))
    })
    .join('')
}

export interface WimlibStream {
  kind: 'data' | 'reparse' | 'named'
  name: string
  sha1: string | undefined
  size: number
}

/** One entry as `wimlib-imagex dir --detailed` shows it. */
export interface WimlibEntry {
  path: string
  shortName: string
  attributes: number
  /** In seconds since 1970. */
  createdAt: number
  writtenAt: number
  accessedAt: number
  reparseTag: number | undefined
  linkGroup: bigint
  objectId: string | undefined
  securityDescriptor: string | undefined
  streams: WimlibStream[]
}

/** Reads `wimlib-imagex dir WIM IMAGE --detailed`. */
export function wimlibDir(wim: string, image: number, ...more: string[]): Map<string, WimlibEntry> {
  const text = wimlib('dir', wim, String(image), '--detailed', ...more)
  const entries = text.split(/^-{70,}\n/m).slice(1)
  return new Map(entries.map(parseEntry).map((entry) => [entry.path, entry]))
}

function parseEntry(text: string): WimlibEntry {
  const value = (key: string) => new RegExp(`^${key} *= (.*)$`, 'm').exec(text)?.[1]
  const quoted = (key: string) => (value(key) ?? '""').slice(1, -1)
  const time = (key: string) => Date.parse(value(key) ?? '') / 1000
  const tag = value('Reparse Tag')
  return {
    path: quoted('Full Path'),
    shortName: quoted('Short Name'),
    attributes: Number(value('Attributes')),
    createdAt: time('Creation Time'),
    writtenAt: time('Last Write Time'),
    accessedAt: time('Last Access Time'),
    reparseTag: tag === undefined ? undefined : Number(tag),
    linkGroup: BigInt(value('Link Group ID') ?? '0'),
    objectId: value('Object ID'),
    securityDescriptor: value('Security Descriptor'),
    streams: parseStreams(text),
  }
}

function parseStreams(text: string): WimlibStream[] {
  const pattern =
    /^\t(Unnamed data stream|Reparse point stream|Raw encrypted data stream|Named data stream "(.*)"):\nHash *= 0x([0-9a-f]{40})\nUncompressed size = (\d+)/gm
  return [...text.matchAll(pattern)].map(([, title = '', name = '', sha1 = '', size]) => ({
    kind: title.startsWith('Named') ? 'named' : title.startsWith('Reparse') ? 'reparse' : 'data',
    name,
    sha1: /^0+$/.test(sha1) ? undefined : sha1,
    size: Number(size),
  }))
}

/** The blobs of `wimlib-imagex info --blobs`, metadata left out: size by SHA-1. */
export function wimlibBlobs(
  wim: string,
  ...refs: string[]
): Map<string, { size: number; references: number }> {
  const text = wimlib('info', wim, '--blobs', ...refs)
  const found = new Map<string, { size: number; references: number }>()
  for (const block of text.split(/\n\n/)) {
    const sha1 = /Hash *= 0x([0-9a-f]{40})/.exec(block)?.[1]
    const size = /Uncompressed size *= (\d+)/.exec(block)?.[1]
    if (sha1 && size && !block.includes('RESHDR_FLAG_METADATA'))
      found.set(sha1, { size: Number(size), references: Number(/Reference Count *= (\d+)/.exec(block)?.[1]) })
  }
  return found
}

/** An entry as we read it, in the form of wimlib's. */
export function asWimlibShows(
  entry: WimEntry,
  blobs: Pick<ReadonlyMap<string, WimBlob>, 'get'>,
): WimlibEntry {
  const seconds = (time: bigint) => Number(time / 10_000_000n) - 11_644_473_600
  const stream = (kind: WimlibStream['kind'], name: string, sha1: string | undefined) => {
    return { kind, name, sha1, size: sha1 === undefined ? 0 : (blobs.get(sha1)?.size ?? -1) }
  }
  const objectId = entry.objectId?.toString('hex', 0, 16)
  return {
    path: entry.path,
    shortName: entry.shortName ?? '',
    attributes: entry.attributes,
    createdAt: seconds(entry.createdAt),
    writtenAt: seconds(entry.writtenAt),
    accessedAt: seconds(entry.accessedAt),
    reparseTag: entry.reparsePoint?.tag,
    linkGroup: entry.linkGroup,
    objectId: objectId === undefined ? undefined : `0x${objectId}`,
    securityDescriptor: entry.securityDescriptor?.toString('hex'),
    streams: [
      entry.isReparsePoint ? stream('reparse', '', entry.reparseSha1) : stream('data', '', entry.sha1),
      ...entry.namedStreams.map(({ name, sha1 }) => stream('named', name, sha1)),
    ],
  }
}
