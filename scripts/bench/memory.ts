import { existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ANNOTATIONS, digestOf } from '../../manifests/index.js'
import { addIndex, type MadeImage, makeLayout, writeIndex } from '../../test/fixtures/layout.js'
import { makeLargeLayer } from './large-layer.js'
import { measure, optionIn, remove } from './measure.js'
import type { Measured } from './result.js'
import { keepPeak } from './rows.js'

/**
 * Peak memory of whole processes for what is large in one way each: a layer of many bytes, an index of many platforms,
 * an archive of many members. `--layer BYTES` (default 2e10, unpacked; its bytes repeat, so that the archive is small),
 * `--platforms N` (200), `--members N` (5000), `--runs N` (3), `--memory DIR` where they are made.
 */
const args = process.argv.slice(3)
const program = path.resolve('dist/bin/containerimage.js')
const runs = Number(optionIn(args, 'runs') ?? 3)
/** What is wanted at any size, in bytes. */
const WANTED = 150e6

/** One thing that is large. */
interface Large {
  title: string
  layout: string
  /** One of its images, as it is named in a store. */
  name: string
  /** What it takes to mean all of it. */
  words?: string[]
}

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-bench-'))
  const at = (name: string): string => path.join(folder, name)
  try {
    await measureEach(await largeLayer(at('layer')), at('jobs'))
    await measureEach(manyPlatforms(at('platforms')), at('jobs'))
    await measureEach(manyMembers(at('members')), at('jobs'))
  } finally {
    remove(folder)
  }
}

async function measureEach({ title, layout, name, words = [] }: Large, folder: string): Promise<void> {
  mkdirSync(folder)
  const [archive, store] = [path.join(folder, 'image.tar'), path.join(folder, 'store')]
  const jobs: [string, string[]][] = [
    ['save', ['save', layout, ...words, '--path', archive, '--store', path.join(folder, 'none')]],
    ['verify of the archive', ['verify', archive]],
    ['install', ['install', archive, ...words, '--store', store]],
    ['verify of the store', ['verify', '--store', store]],
    ['save from the store', ['save', name, ...words, '--path', archive, '--store', store]],
  ]
  console.log(`\n${title}`)
  for (const [job, command] of jobs) {
    const measured: Measured[] = []
    for (let i = 0; i < runs; i++) {
      if (job.startsWith('save')) remove(archive)
      if (job === 'install') remove(store)
      measured.push(await measure([process.execPath, program, ...command, '--quiet']))
    }
    keepPeak(`${title}, ${job}`, measured, WANTED)
    const peaks = measured.map(({ peak }) => Math.round(peak / 1e6))
    const seconds = measured.map(({ processor }) => processor)
    console.log(
      `  ${job.padEnd(24)} ${Math.max(...peaks)} MB (${Math.min(...peaks)} to ${Math.max(...peaks)})  CPU ${Math.min(...seconds).toFixed(2)} s`,
    )
  }
  remove(folder)
  remove(layout)
}

async function largeLayer(folder: string): Promise<Large> {
  const size = Number(optionIn(args, 'layer') ?? 2e10)
  const packed = await makeLargeLayer(folder, size)
  return {
    title: `a layer of ${size / 1e9} GB, ${(packed / 1e6).toFixed(0)} MB packed`,
    layout: folder,
    name: 'large',
  }
}

function manyPlatforms(folder: string): Large {
  const count = Number(optionIn(args, 'platforms') ?? 200)
  const images = Array.from({ length: count }, (_, i): MadeImage => {
    const platform = { os: 'linux', architecture: 'arm', variant: `v${i}` }
    return { platform, layers: [{ files: { 'etc/own': `${i}`, 'usr/bytes': 100_000 } }] }
  })
  const manifests = makeLayout(folder, images).map((manifest, i) => {
    const { platform } = images[i] as MadeImage
    return platform ? { ...manifest, platform } : manifest
  })
  const annotations = { [ANNOTATIONS.refName]: 'platforms:1.0' }
  writeIndex(folder, [{ ...addIndex(folder, manifests), annotations }])
  return {
    title: `an index of ${count} platforms`,
    layout: folder,
    name: 'platforms',
    words: ['--all-platforms'],
  }
}

/** Each image is three members: its layer, its config and its manifest. */
function manyMembers(folder: string): Large {
  const count = Number(optionIn(args, 'members') ?? 5000)
  const images = Array.from({ length: Math.ceil(count / 3) }, (_, i): MadeImage => {
    const layers = [{ files: { own: digestOf(Buffer.from(String(i))) } }]
    return { refName: `app${i}:1.0`, platform: { os: 'linux', architecture: 'amd64' }, layers }
  })
  makeLayout(folder, images)
  return { title: `an archive of ${count} members`, layout: folder, name: 'app1' }
}
