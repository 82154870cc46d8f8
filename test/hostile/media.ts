import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { save } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { damaged } from './archives.js'
import type { HostileInput } from './input.js'
import { HOSTILE_TEXTS } from './texts.js'

async function made(place: string, more: object, bytes = 30_000): Promise<string> {
  const layout = path.join(place, 'layout')
  makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { data: bytes } }] }])
  const folder = path.join(place, 'media')
  mkdirSync(folder)
  await save({ names: [layout], path: folder, ...more })
  return folder
}

/** Changes the JSON of a list. */
function rewritten(file: string, change: (list: Record<string, unknown>) => unknown): void {
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))))
}

const LISTS: Record<string, (list: Record<string, unknown>) => unknown> = {
  'paths that lead out': (list) => ({
    ...list,
    files: [{ path: '../../etc/passwd', size: 1, sha256: '0'.repeat(64) }],
  }),
  'paths twice': (list) => ({ ...list, files: [...(list.files as object[]), ...(list.files as object[])] }),
  'no members': () => ({}),
  'other types': () => ({ mediaVersion: '1', images: 5, files: { length: 3 } }),
  'files of negative sizes': (list) => ({ ...list, files: [{ path: 'x', size: -5, sha256: 'x' }] }),
  'a hundred thousand files': (list) => ({
    ...list,
    files: Array.from({ length: 100_000 }, (_, i) => ({ path: `f${i}`, size: 1, sha256: '0'.repeat(64) })),
  }),
  ...Object.fromEntries(
    Object.entries(HOSTILE_TEXTS).map(([what, text]) => [
      `images named with ${what}`,
      (list: Record<string, unknown>) => ({
        ...list,
        images: (list.images as object[]).map((image) => ({
          ...image,
          name: text,
          version: text,
          fullName: text,
          tag: text,
          source: text,
          saved: text,
        })),
      }),
    ]),
  ),
}

const lists: HostileInput[] = Object.entries(LISTS).map(([what, change]) => ({
  what: `a media whose list has ${what}`,
  takenAs: 'media',
  async make(place) {
    const media = await made(place, { format: 'media' })
    rewritten(path.join(media, 'media.json'), change)
    return media
  },
}))

const CHANGES: Record<string, (media: string) => void> = {
  'no lists': (media) => {
    for (const name of ['media.json', 'SHA256SUMS', 'index.html']) rmSync(path.join(media, name))
  },
  'sums that lead out': (media) =>
    writeFileSync(path.join(media, 'SHA256SUMS'), `${'0'.repeat(64)}  ../../etc/passwd\n`),
  'sums without an end': (media) => writeFileSync(path.join(media, 'SHA256SUMS'), 'x'.repeat(3_000_000)),
  'a page that is a bomb of markup': (media) =>
    writeFileSync(path.join(media, 'index.html'), '<table><tr><td>'.repeat(300_000)),
  'a page of steering text': (media) =>
    writeFileSync(path.join(media, 'index.html'), `<tr><td>\u001b[2J\u202e</td></tr>`),
  'a link for its list': (media) => {
    rmSync(path.join(media, 'media.json'))
    symlinkSync('/etc/passwd', path.join(media, 'media.json'))
  },
  'a link for its ingest': (media) => symlinkSync('..', path.join(media, 'ingest')),
  'receipts that lie': (media) => {
    mkdirSync(path.join(media, 'receipts'), { recursive: true })
    writeFileSync(path.join(media, 'receipts', 'a.jsonl'), '{"receiptVersion":1}\n[]\n\u001b[2J\n')
  },
  'files named to steer': (media) => writeFileSync(path.join(media, 'a\u001b[2J\u202eb\n.txt'), 'x'),
  'an SBOM of brackets': (media) => {
    mkdirSync(path.join(media, 'sboms'), { recursive: true })
    writeFileSync(path.join(media, 'sboms', `sha256-${'0'.repeat(64)}.cdx.json`), '['.repeat(500_000))
  },
  'a database that is none': (media) => writeFileSync(path.join(media, 'advisories.db'), 'CIMGADV\n{"x":1}'),
}

const changed: HostileInput[] = Object.entries(CHANGES).map(([what, change]) => ({
  what: `a media with ${what}`,
  takenAs: 'media',
  async make(place) {
    const media = await made(place, { format: 'media' })
    change(media)
    return media
  },
}))

/** Of a set of volumes with recovery files, one file after the other is damaged. */
const volumes: HostileInput[] = Array.from({ length: 8 }, (_, seed) => ({
  what: `volumes and recovery files, damaged as by ${seed}`,
  takenAs: 'recovery',
  async make(place) {
    const folder = await made(place, { volumeSize: 1_100_000, recovery: 0.3 }, 1_600_000)
    const names = readdirSync(folder).sort()
    const file = path.join(folder, names[seed % names.length] ?? '')
    writeFileSync(file, damaged(readFileSync(file), seed))
    return folder
  },
}))

const deltas: HostileInput[] = Array.from({ length: 4 }, (_, seed) => ({
  what: `a delta that is damaged as by ${seed}`,
  takenAs: 'image',
  async make(place) {
    const older = path.join(place, 'older')
    makeLayout(older, [{ refName: 'base:0.9', layers: [{ files: { data: 'x'.repeat(30_000) } }] }])
    const layout = path.join(place, 'newer')
    makeLayout(layout, [
      { refName: 'base:1.0', layers: [{ files: { data: 'x'.repeat(30_000) } }, { files: { more: 20_000 } }] },
    ])
    const file = path.join(place, 'delta.tar')
    await save({ names: [layout], path: file, base: [older] })
    if (seed > 0) writeFileSync(file, damaged(readFileSync(file), seed))
    return file
  },
}))

export const MEDIA: HostileInput[] = [...lists, ...changed, ...volumes, ...deltas]
