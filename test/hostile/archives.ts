import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { save } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { Seeded } from '../manifests/seeded.js'
import { peer } from '../peers/peers.js'
import { largestBlob, layoutMembers, membersOf, openTar, tarOfMembers } from '../security/attack.js'
import { END, type HostileMember, longName, member, pax } from '../security/tar-builder.js'
import { type ZipMember, type ZipShape, zipOfMembers } from '../security/zip-builder.js'
import type { HostileInput } from './input.js'
import { HOSTILE_TEXTS } from './texts.js'

function written(place: string, name: string, bytes: Buffer): string {
  writeFileSync(path.join(place, name), bytes)
  return path.join(place, name)
}

const members = (place: string): Map<string, Buffer> => layoutMembers(path.join(place, 'made'))

const MEMBERS: Record<string, (HostileMember | Buffer)[]> = {
  'a member that leads out': [{ name: '../../outside', bytes: Buffer.from('x') }],
  'a member with an absolute name': [{ name: '/tmp/outside', bytes: Buffer.from('x') }],
  'a link that leads out': [{ name: 'blobs/sha256/x', type: '2', linkName: '../../../../etc/passwd' }],
  'a folder that is a link': [{ name: 'blobs', type: '2', linkName: '/etc' }],
  'a device': [{ name: 'x', type: '3' }],
  'a second index': [{ name: 'index.json', bytes: Buffer.from('{}') }],
  'a list of docker that lies': [
    {
      name: 'manifest.json',
      bytes: Buffer.from('[{"Config":"../../etc/passwd","RepoTags":["a:1"],"Layers":["/etc/shadow"]}]'),
    },
  ],
  'a list of docker of another form': [
    { name: 'manifest.json', bytes: Buffer.from('[null,5,{"Layers":5}]') },
  ],
  'sizes that disagree': [pax({ size: '100000' }), { name: 'x', bytes: Buffer.from('x') }],
  'pax records without an end': [pax(Buffer.from('99999999999 path=x\n')), { name: 'x' }],
  'a long name of a megabyte': [longName('n'.repeat(1_000_000)), { name: 'x' }],
  ...Object.fromEntries(
    Object.entries(HOSTILE_TEXTS).map(([what, text]) => [
      `a member named with ${what}`,
      [longName(`x${text}`.replaceAll('/', '_')), { name: 'x', bytes: Buffer.from('x') }],
    ]),
  ),
}

const tars: HostileInput[] = Object.entries(MEMBERS).map(([what, added]) => ({
  what: `a tar with ${what}`,
  takenAs: 'image',
  make(place) {
    const more = added.map((one) => (Buffer.isBuffer(one) ? one : member(one)))
    return written(place, 'evil.tar', Buffer.concat([openTar(members(place)), ...more, END]))
  },
}))

const ZIPPED: Record<string, [ZipMember[], ZipShape?]> = {
  'a member that leads out': [[{ name: '../outside', bytes: Buffer.from('x') }]],
  'a drive': [[{ name: 'C:\\x', bytes: Buffer.from('x') }]],
  'a link': [[{ name: 'blobs/x', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }]],
  'two names for one member': [[{ name: 'a', listedAs: 'b', bytes: Buffer.from('x') }]],
  'a bomb': [[{ name: 'x', deflate: true, bytes: Buffer.alloc(50_000_000), size: 3_000_000_000 }]],
  'sizes that no file has': [[{ name: 'x', size: 0xfffffffe, bytes: Buffer.from('x') }]],
  'an end in its comment': [[], { comment: Buffer.from('PK\x05\x06'.repeat(50), 'latin1') }],
  'more members than it has': [[], { count: 65535 }],
  'a directory before its start': [[], { shift: -700 }],
  ...Object.fromEntries(
    Object.entries(HOSTILE_TEXTS).map(([what, text]) => [
      `a member named with ${what}`,
      [[{ name: text, bytes: Buffer.from('x') }]],
    ]),
  ),
}

const zips: HostileInput[] = Object.entries(ZIPPED).map(([what, [added, shape]]) => ({
  what: `a zip with ${what}`,
  takenAs: 'image',
  make: (place) => written(place, 'evil.zip', zipOfMembers(members(place), added, shape)),
}))

/** An archive of an image, whole as we save it. */
async function saved(place: string, name: string, more: object = {}): Promise<string> {
  makeLayout(path.join(place, 'layout'), [
    { refName: 'base:1.0', layers: [{ files: { data: 30_000, text: 'text '.repeat(900) } }] },
  ])
  await save({ names: [path.join(place, 'layout')], path: path.join(place, name), ...more })
  return path.join(place, name)
}

/** Bytes that are changed here and there, or cut; the same each time. */
export function damaged(bytes: Buffer, seed: number): Buffer {
  const random = new Seeded(seed)
  const changed = Buffer.from(bytes)
  if (seed % 3 === 0) return changed.subarray(0, random.below(changed.length))
  for (let left = 1 + random.below(8); left > 0 && changed.length > 8; left--) {
    const place = random.below(changed.length - 4)
    if (random.below(2) === 0) changed[place] = random.below(256)
    else changed.writeUInt32LE(random.oneOf([0, 0xffffffff, 0x7fffffff, 0x80000000]), place)
  }
  return changed
}

const OURS = ['x.tar', 'x.zip', 'x.7z', 'x.wim']

const scribbled: HostileInput[] = OURS.flatMap((name) =>
  Array.from({ length: 6 }, (_, seed) => ({
    what: `${name} of ours, damaged as by ${seed}`,
    takenAs: 'image' as const,
    async make(place: string) {
      const file = await saved(place, name)
      writeFileSync(file, damaged(readFileSync(file), seed))
      return file
    },
  })),
)

const PACKED: Record<string, (tar: Buffer) => Buffer> = {
  'gzip that is cut': (tar) => gzipSync(tar).subarray(0, 900),
  'gzip with bytes behind its end': (tar) => Buffer.concat([gzipSync(tar), Buffer.from('more')]),
  'gzip in gzip in gzip': (tar) => gzipSync(gzipSync(gzipSync(tar))),
  'gzip of zeros': () => gzipSync(Buffer.alloc(30_000_000)),
  'the beginning of xz': () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]),
  'xz of other bytes': (tar) => Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), tar]),
  'zstd of a window of gigabytes': () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 1, 0, 0]),
  'zstd of skipped frames alone': () => Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff]),
  bzip2: () => Buffer.from('BZh91AY&SY'),
  brotli: (tar) => brotliCompressSync(tar),
  nothing: () => Buffer.alloc(0),
  'zeros alone': () => Buffer.alloc(100_000),
  'a page': () => Buffer.from('<!DOCTYPE html><html><body>log in</body></html>'),
  'a script': () => Buffer.from('#!/bin/sh\nrm -rf /\n'),
}

const packed: HostileInput[] = Object.entries(PACKED).map(([what, pack]) => ({
  what: `a file of ${what}`,
  takenAs: 'image',
  make: (place) => written(place, 'evil.tar', pack(tarOfMembers(members(place)))),
}))

const sevenZips: HostileInput[] = (
  [
    ['a link that leads out', (folder) => symlinkSync('/etc/passwd', path.join(folder, 'link'))],
    ['a name of a device', (folder) => writeFileSync(path.join(folder, 'aux.txt'), '')],
    ['a name that steers', (folder) => writeFileSync(path.join(folder, 'a\u001b[2J\u202eb'), '')],
    ['a name of lines', (folder) => writeFileSync(path.join(folder, 'a\nPath = index.json\nSize = 5'), '')],
  ] as [string, (folder: string) => void][]
).map(([what, add]) => ({
  what: `a 7z with ${what}`,
  takenAs: 'image',
  make(place) {
    const folder = path.join(place, 'evil')
    makeLayout(folder, [{ refName: 'evil:1.0', layers: [{ files: { a: 'a' } }] }])
    add(folder)
    execFileSync('7zz', ['a', '-mx0', '-snl', path.join(place, 'evil.7z'), '.'], {
      cwd: folder,
      stdio: 'ignore',
    })
    return path.join(place, 'evil.7z')
  },
}))

const wims: HostileInput[] = Array.from({ length: 10 }, (_, seed) => ({
  what: `a WIM that is damaged as by ${seed}`,
  takenAs: 'wim' as const,
  async make(place: string) {
    const [file = ''] = await makeWim(path.join(place, 'nano.wim'), { size: 5000 })
    const bytes = readFileSync(file)
    // Half of the time its header alone, where the numbers are.
    writeFileSync(
      file,
      seed % 2
        ? damaged(bytes, seed)
        : Buffer.concat([damaged(bytes.subarray(0, 208), seed + 1), bytes.subarray(208)]),
    )
    return file
  },
}))

const folders: HostileInput[] = (
  [
    ['links that lead out', (folder) => symlinkSync('/etc', path.join(folder, 'etc'))],
    [
      'a pipe for its index',
      (folder) => replaced(folder, 'index.json', (file) => execFileSync('mkfifo', [file])),
    ],
    [
      'a link to a device for its index',
      (folder) => replaced(folder, 'index.json', (file) => symlinkSync('/dev/zero', file)),
    ],
    ['a folder for its index', (folder) => replaced(folder, 'index.json', (file) => mkdirSync(file))],
    ['a folder for a blob', (folder) => replaced(folder, blobIn(folder), (file) => mkdirSync(file))],
    [
      'a pipe for a blob',
      (folder) => replaced(folder, blobIn(folder), (file) => execFileSync('mkfifo', [file])),
    ],
    [
      'a link to a device for a blob',
      (folder) => replaced(folder, blobIn(folder), (file) => symlinkSync('/dev/zero', file)),
    ],
    [
      'blobs behind a link',
      (folder) => {
        cpSync(path.join(folder, 'blobs'), path.join(folder, '..', 'blobs'), { recursive: true })
        replaced(folder, 'blobs', (file) => symlinkSync('../blobs', file))
      },
    ],
  ] as [string, (folder: string) => void][]
).map(([what, change]) => ({
  what: `a folder with ${what}`,
  takenAs: 'image',
  make(place) {
    const folder = path.join(place, 'folder')
    layoutMembers(folder)
    change(folder)
    return folder
  },
}))

function replaced(folder: string, name: string, make: (file: string) => unknown): void {
  const file = path.join(folder, name)
  rmSync(file, { recursive: true, force: true })
  make(file)
}

function blobIn(folder: string): string {
  return largestBlob(membersOf(folder))
}

export const ARCHIVES: HostileInput[] = [
  ...tars,
  ...zips,
  ...scribbled,
  ...packed,
  ...(peer('7zz') ? sevenZips : []),
  ...(peer('wimlib-imagex') ? wims : []),
  ...folders,
]
