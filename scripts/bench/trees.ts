import {
  copyFileSync,
  type Dirent,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { generator } from '../random.js'
import { remove } from './measure.js'

/** A tree of this machine's own files. */
export interface CopiedTree {
  name: 'few' | 'many'
  title: string
  /**
   * The folders of this machine from which files are taken, in the order of their names, until there are enough bytes.
   */
  places: string[]
  smallest: number
  largest: number
  size: number
}

/** A tree of generated files, the same on every machine. */
export interface MadeTree {
  name: 'small' | 'tiny'
  title: string
  count: number
  /** The size of each file, and how much smaller or larger it may be. */
  usual: number
  spread: number
}

export type BenchTree = CopiedTree | MadeTree

/** A tree of large files and one of many small ones. */
export const COPIED_TREES: readonly CopiedTree[] = [
  {
    name: 'few',
    title: 'few files',
    places: ['/usr/bin', '/usr/lib'],
    ...{ smallest: 1 << 20, largest: 64 << 20, size: 700e6 },
  },
  {
    name: 'many',
    title: 'many files',
    places: ['/usr/share', '/usr/lib'],
    ...{ smallest: 0, largest: 1 << 20, size: 450e6 },
  },
]

/** Thirty thousand files of 324 MB in total, and a hundred thousand of 3 kB each. */
export const MADE_TREES: readonly MadeTree[] = [
  { name: 'small', title: '30,000 files', count: 30_000, usual: 10_800, spread: 10_000 },
  { name: 'tiny', title: '100,000 files', count: 100_000, usual: 3000, spread: 0 },
]

export const BENCH_TREES: readonly BenchTree[] = [...COPIED_TREES, ...MADE_TREES]

/**
 * Makes a tree in a folder, unless it is already there.
 * @returns how many files and bytes the folder has
 */
export function makeTree(tree: BenchTree, folder: string): { files: number; bytes: number } {
  if ('places' in tree) return copyTree(tree, folder)
  if (statSync(folder, { throwIfNoEntry: false })) return countTree(folder)
  const unfinished = `${folder}.new`
  remove(unfinished)
  writeTree(tree, unfinished)
  renameSync(unfinished, folder)
  return countTree(folder)
}

function countTree(folder: string): { files: number; bytes: number } {
  const found = { files: 0, bytes: 0 }
  for (const file of walk([folder])) {
    found.files++
    found.bytes += statSync(file).size
  }
  return found
}

const PER_FOLDER = 200
const TEXT_BYTES = 4 << 20
const WORDS = 3000

/**
 * Files made of pieces of one text, no two of which are the same, and which compress about as well as programs and
 * texts.
 */
function writeTree({ count, usual, spread }: MadeTree, folder: string): void {
  const random = generator(count)
  const text = madeText(random)
  for (let i = 0; i < count; i++) {
    const parent = path.join(folder, `folder ${Math.floor(i / PER_FOLDER)}`)
    if (i % PER_FOLDER === 0) mkdirSync(parent, { recursive: true })
    const bytes = Buffer.alloc(Math.round(usual + (2 * random() - 1) * spread))
    let at = bytes.write(`${i}\n`)
    while (at < bytes.length) {
      const from = Math.floor(random() * TEXT_BYTES)
      at += text.copy(bytes, at, from, from + 16 + Math.floor(random() * 400))
    }
    writeFileSync(path.join(parent, `A file with number ${i}.txt`), bytes)
  }
}

/** Words, some of which are much more frequent than others. */
function madeText(random: () => number): Buffer {
  const letter = () => String.fromCharCode(97 + Math.floor(26 * random() ** 1.5))
  const word = () => Array.from({ length: 2 + Math.floor(9 * random()) }, letter).join('')
  const words = Array.from({ length: WORDS }, word)
  const text = Buffer.alloc(TEXT_BYTES)
  for (let at = 0; at < text.length; ) at += text.write(`${words[Math.floor(WORDS * random() ** 3)]} `, at)
  return text
}

/**
 * Copies files of this machine into a folder, unless it is already there. Of names that differ only in case the first
 * is taken, and none with a colon: a Windows image cannot hold them.
 * @returns how many files and bytes the folder has
 */
function copyTree(tree: CopiedTree, folder: string): { files: number; bytes: number } {
  const unfinished = `${folder}.new`
  const there = statSync(folder, { throwIfNoEntry: false }) !== undefined
  if (!there) remove(unfinished)
  const made = { files: 0, bytes: 0 }
  const source = there ? [folder] : tree.places
  for (const file of walk(source)) {
    const { size } = statSync(file)
    if (!there) {
      if (made.bytes >= tree.size) break
      if (size < tree.smallest || size > tree.largest) continue
      const target = path.join(unfinished, file)
      mkdirSync(path.dirname(target), { recursive: true })
      copyFileSync(file, target)
    }
    made.files++
    made.bytes += size
  }
  if (!there) renameSync(unfinished, folder)
  return made
}

function* walk(places: readonly string[]): Generator<string> {
  for (const place of places) {
    const names = new Set<string>()
    for (const entry of entriesOf(place)) {
      const folded = entry.name.toUpperCase()
      if (names.has(folded) || folded.includes(':')) continue
      names.add(folded)
      const name = path.join(place, entry.name)
      if (entry.isDirectory()) yield* walk([name])
      else if (entry.isFile()) yield name
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}
