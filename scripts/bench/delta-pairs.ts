import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Seeded } from '../../test/manifests/seeded.js'
import { mustRun } from './measure.js'
import { COPIED_TREES, makeTree } from './trees.js'

/** The tars of two versions of a layer. */
export interface LayerPair {
  title: string
  old: string
  young: string
  /** Entries of the new tar, and those whose size, owner or time differs. */
  files: number
  changed: number
}

/** The suites of Debian that this machine's apt knows, as its sources name them. */
function suites(): { release: string[]; all: string[] } {
  const format = ['--format', 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages']
  const { stdout } = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' })
  const all = [...new Set(stdout.split('\n'))].filter((line) =>
    / bookworm(-updates|-security)? main$/.test(line),
  )
  return { release: all.filter((line) => line.endsWith(' bookworm main')), all }
}

/** The pairs, made once in the system's folder for temporary files; `debian`, `package`, `windows`. */
export async function deltaPairs(only?: string): Promise<LayerPair[]> {
  const folder = path.join(os.tmpdir(), 'containerimage-delta-pairs')
  mkdirSync(folder, { recursive: true })
  const pairs: [name: string, title: string, make: () => [string, string]][] = [
    ['debian', 'Debian bookworm, and with its updates', () => debian(folder, 'updated', [])],
    [
      'package',
      'Debian bookworm, and with three packages more',
      () => debian(folder, 'more', ['less', 'nano', 'file']),
    ],
    ['windows', 'Many files, of which one in twenty is changed', () => tree(folder)],
  ]
  return pairs
    .filter(([name]) => only === undefined || only === name)
    .map(([, title, make]) => {
      const [old, young] = make()
      return { title, old, young, ...differences(old, young) }
    })
}

function debian(folder: string, name: string, packages: string[]): [string, string] {
  const { release, all } = suites()
  const sources = name === 'updated' ? all : release
  return [rootfs(folder, 'release', [], release), rootfs(folder, name, packages, sources)]
}

function rootfs(folder: string, name: string, packages: string[], sources: string[]): string {
  const made = path.join(folder, `${name}.tar`)
  if (existsSync(made)) return made
  const half = path.join(folder, `${name}.half.tar`)
  const include = packages.length > 0 ? [`--include=${packages.join(',')}`] : []
  const env = ['env', 'SOURCE_DATE_EPOCH=1700000000']
  mustRun([...env, 'mmdebstrap', '--quiet', '--variant=minbase', ...include, 'bookworm', half, ...sources])
  renameSync(half, made)
  return made
}

/** Like a Windows layer once it is here: an uncompressed tar of very many files. */
function tree(folder: string): [string, string] {
  const [old, young] = ['tree-old', 'tree-new'].map((name) => path.join(folder, name)) as [string, string]
  const tars: [string, string] = [`${old}.tar`, `${young}.tar`]
  if (tars.every((tar) => existsSync(tar))) return tars
  const many = COPIED_TREES.find(({ name }) => name === 'many')
  if (!many) throw new Error('there is no tree of many files')
  rmSync(young, { recursive: true, force: true })
  makeTree({ ...many, size: 1.2e9 }, old)
  cpSync(old, young, { recursive: true })
  change(young)
  for (const place of [old, young])
    mustRun([
      'tar',
      '-C',
      place,
      '--sort=name',
      '--mtime=@1700000000',
      '--clamp-mtime',
      '-cf',
      `${place}.tar`,
      '.',
    ])
  for (const place of [old, young]) rmSync(place, { recursive: true })
  return tars
}

/** In every twentieth file bytes are changed in some places and inserted in one; the file gets a new time. */
function change(folder: string): void {
  const random = new Seeded(1)
  const listed = spawnSync('find', [folder, '-type', 'f', '-size', '+0'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const files = listed.stdout.split('\n').filter(Boolean).sort()
  for (const [i, file] of files.entries()) {
    if (i % 20 !== 0) continue
    const bytes = readFileSync(file)
    for (let left = 20; left > 0; left--) bytes[random.below(bytes.length)] = random.below(256)
    const at = random.below(bytes.length)
    writeFileSync(
      file,
      Buffer.concat([bytes.subarray(0, at), Buffer.from(`changed ${i}`), bytes.subarray(at)]),
    )
    utimesSync(file, 1_699_000_000, 1_699_000_000)
  }
}

function differences(old: string, young: string): { files: number; changed: number } {
  const list = (tar: string): string[] => {
    const listed = spawnSync('tar', ['-tvf', tar], { encoding: 'utf8', maxBuffer: 1 << 28 })
    return listed.stdout.split('\n').filter(Boolean)
  }
  const before = new Set(list(old))
  const after = list(young)
  return { files: after.length, changed: after.filter((line) => !before.has(line)).length }
}
