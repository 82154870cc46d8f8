import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { openWim, readTree, verifyWim, type Wim, walkTree } from '../provider/formats/wim/index.js'
import { type WimSourceEntry, writeWim } from '../provider/formats/wim/write/index.js'
import { asWimlibShows, wimlib, wimlibDir } from '../test/provider/formats/wim/wimlib.js'
import { generator } from './random.js'

export interface CompareReport {
  seed: number
  trees: number
  entries: number
  /** The differences, by the number of the tree. */
  differences: { tree: number; what: string }[]
}

/** How wimlib rewrites a tree. */
const FORMS = [
  ['--compress=none'],
  ['--compress=XPRESS', '--check'],
  ['--compress=LZX'],
  ['--compress=LZMS:20', '--chunk-size=32768'],
  ['--solid', '--solid-compress=XPRESS'],
  ['--pipable', '--compress=XPRESS'],
]

/**
 * Makes random trees with everything that a WIM keeps about a file, writes each, and compares: what wimlib shows of it
 * with what was made, and what is read here with that, from our own file and from the one that wimlib makes from it.
 * The same seed gives the same trees.
 */
export async function compareWims(trees: number, seed: number): Promise<CompareReport> {
  const report: CompareReport = { seed, trees, entries: 0, differences: [] }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-compare-'))
  const random = generator(seed)
  for (let tree = 0; tree < trees; tree++) {
    const root = randomTree(random)
    const own = path.join(folder, 'own.wim')
    const theirs = path.join(folder, 'theirs.wim')
    const compression = oneOf(random, ['none', 'xpress', 'lzx'] as const)
    await writeWim(own, [{ name: 'random', root }], { compression, integrity: random() < 0.5 })
    await rm(theirs, { force: true })
    wimlib('export', own, '1', theirs, ...oneOf(random, FORMS))
    const differs = (what: string) => report.differences.push({ tree, what })
    const shapes: unknown[] = []
    for (const file of [own, theirs]) {
      const wim = await openWim(file)
      try {
        report.entries += await compareWithShown(wim, file, differs)
        shapes.push(await shapeOf(wim))
        for (const { message } of (await verifyWim(wim, { workers: 0 })).problems) differs(message)
      } finally {
        await wim.close()
      }
    }
    if (!isDeepStrictEqual(shapes[0], shapes[1])) differs('wimlib keeps another tree than was written')
    if (!isDeepStrictEqual(shapes[0], madeShape(root))) differs('another tree is read than was written')
  }
  rmSync(folder, { recursive: true, force: true })
  return report
}

async function compareWithShown(wim: Wim, file: string, differs: (what: string) => void): Promise<number> {
  const { root } = await readTree(wim, 1)
  const theirs = wimlibDir(file, 1)
  const ours = [root, ...walkTree(root)]
  if (theirs.size !== ours.length) differs(`${file}: ${ours.length} entries, to wimlib ${theirs.size}`)
  for (const entry of ours) {
    const shown = asWimlibShows(entry, wim.blobs)
    const wanted = theirs.get(entry.path)
    if (!isDeepStrictEqual(shown, wanted))
      differs(
        `${path.basename(file)}: ${JSON.stringify(entry.path)}: ${text(shown)} and to wimlib ${text(wanted)}`,
      )
  }
  return ours.length
}

/**
 * Everything that a tree has, except contents, which are represented by their hashes, and the numbers of link groups.
 */
async function shapeOf(wim: Wim): Promise<Record<string, unknown>> {
  const { root, linkGroups } = await readTree(wim, 1)
  const shape: Record<string, unknown> = {}
  for (const entry of [root, ...walkTree(root)]) {
    const { attributes, createdAt, accessedAt, writtenAt, shortName, objectId, securityDescriptor, unix } =
      entry
    const { reparsePoint, extendedAttributes, namedStreams } = entry
    const { sha1: _, ...reparse } = reparsePoint ?? { sha1: '' }
    shape[entry.path] = {
      ...{ attributes, createdAt, accessedAt, writtenAt, shortName, unix },
      objectId: objectId?.toString('hex'),
      descriptor: securityDescriptor?.toString('hex'),
      reparse,
      extended: extendedAttributes.map(({ name, flags, value }) => [name, flags, value.toString('hex')]),
      streams: namedStreams.map(({ name, sha1 }) => [name, sha1 !== undefined]),
      hasContent: entry.sha1 !== undefined || entry.reparseSha1 !== undefined,
      names: (linkGroups.get(entry.linkGroup) ?? [entry]).map((one) => one.path).sort(),
    }
  }
  return shape
}

/** The same for a tree that was made. */
function madeShape(root: WimSourceEntry): Record<string, unknown> {
  const shape: Record<string, unknown> = {}
  const groups = new Map<number, string[]>()
  const visit = (entry: WimSourceEntry, at: string): void => {
    const { attributes, createdAt, accessedAt, writtenAt, shortName, objectId, securityDescriptor, unix } =
      entry
    const { reparse, extendedAttributes = [], namedStreams = [], linkGroup = 0 } = entry
    const names = linkGroup === 0 ? [] : (groups.get(linkGroup) ?? [])
    if (linkGroup !== 0) groups.set(linkGroup, names)
    names.push(at)
    shape[at] = {
      ...{ attributes, createdAt, accessedAt, writtenAt, shortName, unix },
      objectId: objectId && Buffer.from(objectId).toString('hex'),
      descriptor: securityDescriptor && Buffer.from(securityDescriptor).toString('hex'),
      reparse: reparse
        ? { tag: reparse.tag, reserved: reparse.reserved ?? 0, notFixed: reparse.notFixed ?? true }
        : {},
      extended: extendedAttributes.map(({ name, flags, value }) => [
        name,
        flags,
        Buffer.from(value).toString('hex'),
      ]),
      streams: namedStreams.map(({ name, content }) => [name, content !== undefined]),
      hasContent: entry.content !== undefined || (reparse?.data.length ?? 0) > 0,
      names,
    }
    for (const child of entry.children ?? []) visit(child, `${at === '/' ? '' : at}/${child.name}`)
  }
  visit(root, '/')
  for (const names of groups.values()) names.sort()
  return shape
}

type Random = () => number

function oneOf<T>(random: Random, all: readonly T[]): T {
  return all[Math.floor(random() * all.length)] as T
}

function numberBelow(random: Random, end: number): number {
  return Math.floor(random() * end)
}

function randomTree(random: Random): WimSourceEntry {
  const descriptors = Array.from({ length: 4 }, () => bytesOf(random, 20 + numberBelow(random, 60)))
  const linked = Array.from({ length: 3 }, (_, i) => ({ linkGroup: i + 1, ...randomFile(random) }))
  let left = 4 + numberBelow(random, 60)
  const fill = (depth: number): WimSourceEntry[] => {
    const names = new Set<string>()
    const shortNames = new Set<string>()
    const children: WimSourceEntry[] = []
    for (let count = numberBelow(random, 12); count > 0 && left > 0; count--, left--) {
      const name = randomName(random)
      if (names.has(name)) continue
      names.add(name)
      const shortName = `SHORT~${numberBelow(random, 1000)}.${oneOf(random, ['TXT', 'É', 'X'])}`
      const own = random() < 0.3 && !shortNames.has(shortName) ? { shortName } : {}
      shortNames.add(shortName)
      const kind = random()
      if (kind < 0.15) children.push({ name, ...own, ...oneOf(random, linked) })
      else {
        const descriptor = random() < 0.4 ? { securityDescriptor: oneOf(random, descriptors) } : {}
        const more = { name, ...own, ...descriptor, ...randomFacts(random) }
        if (kind < 0.4 && depth < 6)
          children.push({
            ...more,
            ...randomStreams(random),
            attributes: 0x10 | flags(random),
            children: fill(depth + 1),
          })
        else if (kind < 0.65) children.push({ ...more, ...randomReparse(random) })
        else children.push({ ...more, ...randomFile(random) })
      }
    }
    return children
  }
  return { name: '', ...randomFacts(random), attributes: 0x10, children: fill(0) }
}

/** Read-only, hidden, system, archive, not indexed. */
function flags(random: Random): number {
  return [0x1, 0x2, 0x4, 0x20, 0x2000].reduce((sum, flag) => (random() < 0.3 ? sum | flag : sum), 0)
}

const TEXTS = [
  'a',
  'B',
  'long name',
  'é',
  'É',
  'ß',
  'µ',
  '目',
  '🦜',
  '\ud83e',
  '\udd9c',
  '\udc00',
  '.',
  ' ',
  '~1',
  '$',
  "'",
  ';',
]

function randomName(random: Random): string {
  const parts = Array.from({ length: 1 + numberBelow(random, 5) }, () => oneOf(random, TEXTS))
  const name = `${parts.join('')}${random() < 0.02 ? 'x'.repeat(200) : ''}`
  return name === '.' || name === '..' ? 'dots' : name
}

function bytesOf(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => numberBelow(random, 256)))
}

function content(random: Random) {
  const size = oneOf(random, [0, 1, 7, 4095, 40_000, 70_000])
  if (size === 0) return {}
  const bytes = random() < 0.5 ? bytesOf(random, size) : Buffer.alloc(size, `words ${numberBelow(random, 5)}`)
  const open = async function* () {
    yield bytes
  }
  return { content: { size, open } }
}

/** Some of the times are before 1970 or have odd ticks. */
function randomFacts(random: Random) {
  const time = () =>
    BigInt(numberBelow(random, 2 ** 31)) * 100_000_000n + BigInt(numberBelow(random, 10_000_000))
  return {
    ...{ createdAt: time(), accessedAt: time(), writtenAt: time() },
    ...(random() < 0.2 ? { objectId: bytesOf(random, 16) } : {}),
    ...(random() < 0.2 ? { extendedAttributes: randomAttributes(random) } : {}),
    ...(random() < 0.1
      ? {
          unix: {
            uid: numberBelow(random, 2 ** 32),
            gid: 7,
            mode: 0o100644,
            rdev: numberBelow(random, 2 ** 32),
          },
        }
      : {}),
  }
}

function randomAttributes(random: Random) {
  return Array.from({ length: 1 + numberBelow(random, 3) }, (_, i) => ({
    name: `NAME${i}${oneOf(random, ['', '=', ' x'])}`,
    flags: oneOf(random, [0, 0x80]),
    value: bytesOf(random, numberBelow(random, 40)),
  }))
}

function randomStreams(random: Random) {
  if (random() < 0.7) return {}
  const names = new Set(
    Array.from({ length: 1 + numberBelow(random, 3) }, (_, i) => `${i}${oneOf(random, TEXTS)}`),
  )
  return { namedStreams: [...names].map((name) => ({ name, ...content(random) })) }
}

function randomFile(random: Random) {
  return {
    ...randomFacts(random),
    ...randomStreams(random),
    ...content(random),
    attributes: flags(random) || 0x80,
  }
}

/** Symlinks, junctions, tags of Windows itself, and a tag of another vendor, whose buffer begins with a GUID. */
const TAGS = [0xa000000c, 0xa0000003, 0x80000013, 0x80000017, 0x9000001a, 0x9000701a, 0x8000001b, 0x00001234]

function randomReparse(random: Random) {
  const isFolder = random() < 0.4
  const reparse = {
    tag: oneOf(random, TAGS),
    reserved: oneOf(random, [0, 0, 1, 0xffff]),
    notFixed: random() < 0.5,
    data: bytesOf(random, 16 + numberBelow(random, 60)),
  }
  const attributes = (0x400 | flags(random) | (isFolder ? 0x10 : 0)) >>> 0
  return { attributes, reparse, ...randomStreams(random) }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [trees = '200', seed = '1'] = process.argv.slice(2)
  const report = await compareWims(Number(trees), Number(seed))
  console.log(JSON.stringify({ ...report, differences: report.differences.slice(0, 20) }, undefined, 2))
  process.exitCode = report.differences.length > 0 ? 1 : 0
}
