import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LayerInFile } from '../../provider/delta/blocks/index.js'
import { onPath } from '../../test/peers/peers.js'
import { deltaPairs, type LayerPair } from './delta-pairs.js'
import { type Contender, medianOf, mustRun, optionIn, peakOf, printLoad, runInTurn } from './measure.js'
import { layoutOfLayer, sha256Of } from './one-layer-layout.js'
import { keepRows } from './rows.js'

/**
 * Measures deltas of layers: how large they are, how long cutting and joining take alongside a save and an install of
 * the whole image, and what other programs make of the plain tars. `--memory DIR` chooses where, `--runs N` how often,
 * `--pair NAME` which pair, `--writer NAME` which compression; `--bsdiff` runs that too, which takes a long time.
 */
const measured = fileURLToPath(new URL('./delta-program.js', import.meta.url))
const args = process.argv.slice(3)
const program = path.join('dist', 'bin', 'containerimage.js')

interface Writer {
  name: string
  compress(tar: string, to: string): void
}

const WRITERS: readonly Writer[] = [
  { name: 'plain', compress: (tar, to) => mustRun(['cp', tar, to]) },
  { name: 'gzip', compress: (tar, to) => mustRun(['sh', '-c', `gzip -nc '${tar}' > '${to}'`]) },
  { name: 'skopeo', compress: (tar, to) => bySkopeo(tar, to, 'gzip') },
  { name: 'zstd', compress: (tar, to) => mustRun(['zstd', '-qf', tar, '-o', to]) },
]

export async function run(): Promise<void> {
  const runs = Number(optionIn(args, 'runs') ?? 3)
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-delta-'))
  try {
    for (const pair of await deltaPairs(optionIn(args, 'pair'))) {
      console.log(`\n${pair.title}: ${pair.changed} of ${pair.files} files changed`)
      for (const writer of WRITERS)
        if (optionIn(args, 'writer') === undefined || optionIn(args, 'writer') === writer.name)
          await measurePair(pair, writer, folder, runs)
      if (optionIn(args, 'writer') === undefined) measurePeers(pair, folder)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function bySkopeo(tar: string, to: string, format: string): void {
  const layout = `${to}.layout`
  layoutOfLayer(tar, layout, { diffId: sha256Of(tar), mediaType: 'application/vnd.oci.image.layer.v1.tar' })
  const copied = `${to}.dir`
  const options = ['--dest-compress', '--dest-compress-format', format]
  mustRun(['skopeo', '--insecure-policy', 'copy', ...options, `oci:${layout}`, `dir:${copied}`])
  const manifest = JSON.parse(readFileSync(path.join(copied, 'manifest.json'), 'utf8'))
  mustRun(['mv', path.join(copied, manifest.layers[0].digest.slice(7)), to])
  for (const place of [layout, copied]) rmSync(place, { recursive: true })
}

async function measurePair(pair: LayerPair, writer: Writer, folder: string, runs: number): Promise<void> {
  const layers = [pair.old, pair.young].map((tar, i): LayerInFile => {
    const to = path.join(folder, `layer${i}`)
    writer.compress(tar, to)
    return {
      range: { path: to, offset: 0, size: statSync(to).size },
      digest: sha256Of(to),
      diffId: sha256Of(tar),
    }
  })
  const scratch = path.join(folder, 'scratch')
  const image = path.join(folder, 'image')
  const suffix = { plain: '', zstd: '+zstd' }[writer.name] ?? '+gzip'
  const mediaType = `application/vnd.oci.image.layer.v1.tar${suffix}`
  layoutOfLayer(layers[1]?.range.path ?? '', image, { diffId: layers[1]?.diffId ?? '', mediaType })
  const saved = path.join(folder, 'saved')
  const empty = (place: string) => (): void => {
    rmSync(place, { recursive: true, force: true })
    mkdirSync(place)
  }
  const ours = (what: string): string[] => [process.execPath, measured, what, scratch, JSON.stringify(layers)]
  const tool = (...command: string[]): string[] => [process.execPath, program, ...command]
  const file = path.join(saved, 'image.tar')
  const contenders: Contender[] = [
    { title: 'cut', before: empty(scratch), command: ours('cut') },
    { title: 'save', before: empty(saved), command: tool('save', image, '--path', file, '--quiet') },
    { title: 'join', command: ours('join') },
    {
      title: 'install',
      before: empty(path.join(folder, 'store')),
      command: tool('install', file, '--store', path.join(folder, 'store'), '--quiet'),
    },
  ]
  printLoad()
  const results = await runInTurn(contenders, runs, 0)
  const [cut, save, join, install] = results
  keepRows(`delta of ${writer.name}, made`, results.slice(0, 2))
  keepRows(`delta of ${writer.name}, applied`, results.slice(2))
  const { file: made, delta } = JSON.parse(readFileSync(path.join(scratch, 'made.json'), 'utf8'))
  const full = layers[1]?.range.size ?? 1
  const ratio = (a: typeof cut, b: typeof cut, key: 'seconds' | 'processor'): string =>
    (medianOf(a, key) / medianOf(b, key)).toFixed(2)
  console.log(
    [
      `  ${writer.name.padEnd(7)} layer ${mb(full)}, delta ${mb(made.size)} = ${(made.size / full).toFixed(4)}`,
      `${delta.exact ? 'exact' : 'the tar'}`,
      `cut ${medianOf(cut, 'seconds').toFixed(2)} s (CPU ${medianOf(cut, 'processor').toFixed(2)})`,
      `/ save ${medianOf(save, 'seconds').toFixed(2)} s (CPU ${medianOf(save, 'processor').toFixed(2)}): ${ratio(cut, save, 'seconds')}`,
      `join ${medianOf(join, 'seconds').toFixed(2)} s (CPU ${medianOf(join, 'processor').toFixed(2)})`,
      `/ install ${medianOf(install, 'seconds').toFixed(2)} s (CPU ${medianOf(install, 'processor').toFixed(2)}): ${ratio(join, install, 'seconds')}`,
      `memory ${mb(peakOf(cut))}, ${mb(peakOf(join))}`,
    ].join(', '),
  )
  for (const place of [scratch, image, saved, path.join(folder, 'store')])
    rmSync(place, { recursive: true, force: true })
}

/** The peers do not know layers: they work on the plain tars, which our other side would have to compress again. */
function measurePeers({ old, young }: LayerPair, folder: string): void {
  const out = path.join(folder, 'peer')
  const peers: [string, string[], (() => number)?][] = [
    ['xdelta3', ['xdelta3', '-e', '-f', '-B', '536870912', '-s', old, young, out]],
    ['zstd --patch-from', ['zstd', '-qf', '--long=31', `--patch-from=${old}`, young, '-o', out]],
    ['casync', ['sh', '-c', casync(old, young, folder)], () => chunksIn(folder)],
  ]
  if (args.includes('--bsdiff')) peers.push(['bsdiff', ['bsdiff', old, young, out]])
  const isHere = ([, [program]]: (typeof peers)[number]): boolean => onPath(program ?? '') !== undefined
  for (const [title, command, size] of peers.filter(isHere)) {
    const began = performance.now()
    const { status } = spawnSync(command[0] ?? '', command.slice(1), { stdio: 'ignore' })
    const took = ((performance.now() - began) / 1000).toFixed(1)
    if (status === 0) console.log(`  ${title}: ${mb(size ? size() : statSync(out).size)}, ${took} s`)
    else console.log(`  ${title}: not measured`)
    rmSync(out, { force: true })
  }
}

function casync(old: string, young: string, folder: string): string {
  const at = path.join(folder, 'casync')
  return [
    `rm -rf '${at}' && mkdir '${at}' && cd '${at}'`,
    `casync make --store=old.castr old.caibx '${old}' && casync make --store=new.castr new.caibx '${young}'`,
    'cd new.castr && find . -type f | while read f; do [ -e "../old.castr/$f" ] && rm "$f"; done; true',
  ].join(' && ')
}

function chunksIn(folder: string): number {
  const at = path.join(folder, 'casync')
  const sizes = spawnSync('du', ['-sb', '--apparent-size', 'new.castr', 'new.caibx'], {
    cwd: at,
    encoding: 'utf8',
  })
  rmSync(at, { recursive: true, force: true })
  return sizes.stdout.split('\n').reduce((sum, line) => sum + Number(line.split('\t')[0] ?? 0), 0)
}

function mb(size: number): string {
  return `${(size / 1e6).toFixed(2)} MB`
}
