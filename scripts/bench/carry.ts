import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeLayout } from '../../test/fixtures/layout.js'
import { peer } from '../../test/peers/peers.js'
import { mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * Measures what is carried, alongside its peers: a media of three images, volumes, and checking them. `--memory DIR`
 * chooses where, `--size BYTES` how large an image is, `--runs N` how often, `--only media|volumes|zip` which of them;
 * `--large BYTES --disk DIR` cuts an image of that size for FAT32 and reports how much of the disk it takes beyond the
 * result.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const size = Number(optionIn(args, 'size') ?? 1e9)
const runs = Number(optionIn(args, 'runs') ?? 5)
const large = Number(optionIn(args, 'large') ?? 0)

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  if (large === 0)
    await within(memory, async (folder) => {
      if (isWanted('media')) await benchMedia(folder)
      if (isWanted('volumes') || isWanted('zip')) makeCutImage(folder)
      if (isWanted('volumes')) await benchVolumes(folder)
      if (isWanted('zip')) await benchZip(folder)
    })
  else await within(optionIn(args, 'disk') ?? os.tmpdir(), largeImage)
}

function isWanted(part: 'media' | 'volumes' | 'zip'): boolean {
  return (optionIn(args, 'only') ?? part) === part
}

async function within(parent: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(parent, 'containerimage-carry-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function ours(...words: string[]): string[] {
  return [process.execPath, program, ...words, '--quiet']
}

/** Three images that share four fifths of their bytes. */
async function benchMedia(folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const base = Array.from({ length: 4 }, (_, i) => ({ files: { [`base${i}`]: randomBytes(size / 15, i) } }))
  const layouts = ['1.0', '1.1', '1.2'].map((version, i) => {
    const own = { files: { own: randomBytes(size / 15, 10 + i) }, compression: 'none' as const }
    const layers = [...base.map((layer) => ({ ...layer, compression: 'none' as const })), own]
    makeLayout(at(version), [{ refName: `bench:${version}`, layers }])
    return at(version)
  })
  const skopeo = peer('skopeo') ?? 'skopeo'
  const copies = ['1.0', '1.1', '1.2'].map(
    (version) => `${skopeo} copy -q oci:${at(version)}:bench:${version} oci:${at('shared')}:bench:${version}`,
  )
  const save = ours('save', ...layouts, '--path', at('media'), '--format', 'media')
  const before = (place: string) => (): void => {
    remove(at(place))
    mkdirSync(at(place))
  }
  printResults(
    'a media of three images',
    await runInTurn(
      [
        { title: 'ours', before: before('media'), command: save },
        {
          title: 'skopeo copy, one layout',
          before: () => remove(at('shared')),
          command: ['sh', '-c', copies.join(' && ')],
        },
      ],
      runs,
      1,
    ),
  )
  printResults(
    'verify the media',
    await runInTurn(
      [
        { title: 'ours', command: ours('verify', at('media')) },
        {
          title: 'sha256sum -c',
          command: ['sh', '-c', `cd ${at('media')} && sha256sum --quiet -c SHA256SUMS`],
        },
        {
          title: 'openssl dgst',
          command: ['sh', '-c', `openssl dgst -sha256 ${at('media')}/blobs/sha256/*`],
        },
      ],
      runs,
      1,
    ),
  )
  for (const place of ['media', 'shared', '1.0', '1.1', '1.2']) remove(at(place))
}

/** The same bytes of a Buffer for the same number: layers with the same number are shared. */
function randomBytes(count: number, seed: number): Buffer {
  const bytes = Buffer.alloc(Math.floor(count))
  let state = seed + 1
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes.writeUInt32LE((state ^ (state >>> 15)) >>> 0, i)
  }
  return bytes
}

/** An image of two layers, of which one is larger than a volume. */
function makeCutImage(folder: string): void {
  makeLayout(path.join(folder, 'layout'), [
    {
      refName: 'bench:1.0',
      layers: [0.7, 0.3].map((part) => ({ files: { part: Math.floor(size * part) }, compression: 'none' })),
    },
  ])
}

async function benchVolumes(folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const volume = String(Math.floor(size / 4))
  const cut = `tar -C ${at('layout')} -c . | split -b ${volume} - ${at('parts')}/part.`
  const empty = (place: string) => (): void => {
    remove(at(place))
    mkdirSync(at(place))
  }
  printResults(
    'an image into volumes',
    await runInTurn(
      [
        {
          title: 'ours',
          before: empty('volumes'),
          command: ours('save', at('layout'), '--path', at('volumes'), '--volume-size', volume),
        },
        {
          title: 'tar | split',
          before: empty('parts'),
          command: ['sh', '-c', cut],
        },
        {
          title: 'tar | split; sha256sum',
          before: empty('parts'),
          command: ['sh', '-c', `${cut} && sha256sum ${at('parts')}/part.*`],
        },
      ],
      runs,
      1,
    ),
  )
  printResults(
    'volumes into the store',
    await runInTurn(
      [
        {
          title: 'ours',
          before: () => remove(at('store')),
          command: ours('install', at('volumes'), '--store', at('store')),
        },
        {
          title: 'cat | tar',
          before: empty('back'),
          command: ['sh', '-c', `cat ${at('parts')}/part.* | tar -C ${at('back')} -x`],
        },
      ],
      runs,
      1,
    ),
  )
  printResults(
    'verify the volumes',
    await runInTurn(
      [
        { title: 'ours', command: ours('verify', at('volumes')) },
        { title: 'sha256sum', command: ['sh', '-c', `sha256sum ${at('volumes')}/*`] },
      ],
      runs,
      1,
    ),
  )
}

/** The image that was cut, in one zip and one 7z. */
async function benchZip(folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const sevenZip = peer('7zz') ?? '7zz'
  const pack = (type: string, file: string): string[] => [
    'sh',
    '-c',
    `cd ${at('layout')} && ${sevenZip} a -bd -t${type} -mx0 ${at(file)} .`,
  ]
  const unpack = (file: string): string[] => [sevenZip, 'x', '-bd', '-y', `-o${at('back')}`, at(file)]
  for (const type of ['zip', '7z']) {
    const [own, other] = [`own.${type}`, `other.${type}`]
    const save = ours('save', at('layout'), '--path', at(own))
    const install = ours('install', at(own), '--store', at('store'))
    const contenders = (title: string, first: string[], second: string[], made: [string, string]) => [
      { title: 'ours', before: () => remove(at(made[0])), command: first },
      { title, before: () => remove(at(made[1])), command: second },
    ]
    printResults(
      `an image into a ${type}`,
      await runInTurn(contenders('7zz a -mx0', save, pack(type, other), [own, other]), runs, 1),
    )
    printResults(
      `a ${type} into the store`,
      await runInTurn(contenders('7zz x', install, unpack(other), ['store', 'back']), runs, 1),
    )
    const verify = ours('verify', at(own))
    printResults(
      `verify a ${type}`,
      await runInTurn(
        contenders('7zz t', verify, [sevenZip, 't', '-bd', at(other)], ['none', 'none']),
        runs,
        1,
      ),
    )
    remove(at(own))
    remove(at(other))
  }
}

/** An image that FAT32 cannot hold in one file: how much of the disk its volumes and its installation take. */
async function largeImage(folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const parts = Math.ceil(large / 1e9)
  const root = at('root')
  mkdirSync(at('volumes'))
  for (const name of ['bin', 'etc', 'lib', 'usr', 'var'])
    mkdirSync(path.join(root, name), { recursive: true })
  writeFileSync(path.join(root, 'etc', 'os-release'), 'ID=noise\nVERSION_ID=1\n')
  mustRun(['sh', '-c', `head -c ${large} /dev/urandom > ${root}/usr/noise`])
  const tarball = at('rootfs.tar')
  mustRun(['tar', '-C', root, '-cf', tarball, '.'])
  remove(root)
  console.log(`\nan image of ${(large / 1e9).toFixed(1)} GB of noise, ${parts} parts of a GB`)
  const name = ['--name', 'large', '--required-version', '1.0', '--platform', 'linux/amd64']
  mustRun(ours('install', tarball, ...name, '--store', at('first')))
  rmSync(tarball)
  const save = ours(
    'save',
    'large',
    '--source',
    at('first'),
    '--path',
    at('volumes'),
    '--volume-size',
    'fat32',
  )
  await watched('save --volume-size fat32', save, at('volumes'))
  carryOverFat(at('volumes'), at('stick.img'))
  await watched('install', ours('install', at('volumes'), '--store', at('second')), at('second'))
  await watched('verify', ours('verify', at('volumes')), at('volumes'))
}

/** Onto a FAT32 file system and back from it, as with a stick: mtools write into its image. */
function carryOverFat(folder: string, image: string): void {
  const mcopy = peer('mcopy')
  const mkfs = peer('mkfs.vfat')
  if (!mcopy || !mkfs) return
  mustRun(['truncate', '-s', String(Math.ceil(large / 1e6 + 300) * 1_048_576), image])
  mustRun([mkfs, '-F', '32', image])
  const names = readdirSync(folder)
  mustRun([mcopy, '-i', image, ...names.map((name) => path.join(folder, name)), '::'])
  for (const name of names) remove(path.join(folder, name))
  mustRun([mcopy, '-i', image, ...names.map((name) => `::${name}`), folder])
  remove(image)
  console.log(`  ${names.length} volumes went onto a FAT32 image of mkfs.vfat and came back`)
}

/** Runs a command and watches a folder in the meantime: how much more it held than at the end. */
async function watched(title: string, command: string[], folder: string): Promise<void> {
  const began = Date.now()
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, allocated(folder))
  }, 200)
  const [first = '', ...rest] = command
  const child = spawn(first, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  clearInterval(watch)
  if (code !== 0) throw new Error(`${title} ended with ${code}`)
  const after = allocated(folder)
  const beyond = Math.max(0, peak - after)
  const seconds = (Date.now() - began) / 1000
  console.log(
    `  ${title.padEnd(28)} ${seconds.toFixed(1)} s, ${(after / 1e9).toFixed(2)} GB, at most ${(beyond / 1e6).toFixed(1)} MB more meanwhile`,
  )
}

/** How many bytes of the disk a folder takes. */
function allocated(folder: string): number {
  if (!existsSync(folder)) return 0
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    try {
      bytes += lstatSync(path.join(folder, name)).blocks * 512
    } catch {
      // renamed in the meantime
    }
  return bytes
}
