import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { peer } from '../../test/peers/peers.js'
import { fuzz as fuzzed } from '../fuzz/engine.js'
import { WIM } from '../fuzz/targets/wim.js'
import {
  type Contender,
  medianOf,
  mustRun,
  optionIn,
  peakOf,
  printLoad,
  printResults,
  remove,
  runInTurn,
} from './measure.js'
import { BENCH_TREES, type BenchTree, makeTree } from './trees.js'

/**
 * Measures what is done with WIMs alongside wimlib-imagex, in turn, and 7-Zip once for orientation; then fuzzes the
 * reader. Trees and WIMs are made once, which takes minutes, and kept in a folder.
 *
 * `--folder DIR` is that folder; `--runs N`, default 5, and 3 for the slow compressions; `--only TEXT` selects the jobs
 * whose title contains it; `--fuzz SECONDS` and `--seed N`; `--clean` removes the folder at the end.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const wimlib = peer('wimlib-imagex') ?? 'wimlib-imagex'
const options = readOptions(process.argv.slice(3))

interface Kind {
  name: string
  /** The arguments for wimlib-imagex capture. */
  capture: string[]
  /** Takes so long that fewer runs have to do. */
  isSlow: boolean
}

/** LZMS on a lower level than wimlib's own: it is made in half the time, and expands just as fast. */
const KINDS: readonly Kind[] = [
  { name: 'none', capture: ['--compress=none'], isSlow: false },
  { name: 'XPRESS', capture: ['--compress=XPRESS'], isSlow: false },
  { name: 'LZX', capture: ['--compress=LZX'], isSlow: false },
  { name: 'LZMS', capture: ['--compress=LZMS:20'], isSlow: true },
  { name: 'solid LZMS', capture: ['--solid', '--solid-compress=LZMS:20'], isSlow: true },
]

/** The targets: our time as a fraction of wimlib's, and the memory in bytes. */
const WANTED = { verify: 0.9, install: 1.0, save: 1.3, memory: 250e6 }

/** 7-Zip is for orientation, and may be missing. */
const has7zip = peer('7zz') !== undefined

const rows: string[] = []

export async function run(): Promise<void> {
  const began = performance.now()
  mkdirSync(options.folder, { recursive: true })
  const trees = BENCH_TREES.filter((tree) => kindsOf(tree).length > 0)
  for (const tree of trees) makeAll(tree)
  console.log(`made in ${seconds(began)} s, kept in ${options.folder}`)
  printLoad()
  for (const tree of trees) for (const kind of kindsOf(tree)) await benchKind(tree, kind)
  for (const tree of trees) await benchSave(tree)
  printTable()
  await fuzz()
  printLoad()
  console.log(`all in ${seconds(began)} s`)
  if (options.clean) remove(options.folder)
}

function readOptions(args: string[]) {
  const memory = existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
  const runs = optionIn(args, 'runs')
  return {
    folder: optionIn(args, 'folder') ?? path.join(memory, 'containerimage-bench-wim'),
    runs: runs === undefined ? { usual: 5, slow: 3 } : { usual: Number(runs), slow: Number(runs) },
    only: optionIn(args, 'only') ?? '',
    fuzzSeconds: Number(optionIn(args, 'fuzz') ?? 20),
    seed: Number(optionIn(args, 'seed') ?? Date.now() % 2 ** 32),
    clean: args.includes('--clean'),
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0)
}

/** What is measured for a tree; LZMS, which takes long to make, only for this machine's own files. */
function kindsOf(tree: BenchTree): Kind[] {
  return KINDS.filter(({ name, isSlow }) => {
    if (isSlow && !('places' in tree)) return false
    return `${tree.title}, ${name},`.includes(options.only)
  })
}

function at(name: string): string {
  return path.join(options.folder, name)
}

function wimOf(tree: BenchTree, kind: Kind): string {
  return at(`${tree.name}-${kind.name.replaceAll(' ', '-')}.wim`)
}

function makeAll(tree: BenchTree): void {
  const { files, bytes } = makeTree(tree, at(tree.name))
  console.log(`\n${tree.title}: ${files} of ${(bytes / 1e6).toFixed(0)} MB`)
  for (const kind of kindsOf(tree)) {
    const wim = wimOf(tree, kind)
    if (!existsSync(wim)) {
      const unfinished = `${wim}.new`
      remove(unfinished)
      mustRun([wimlib, 'capture', at(tree.name), unfinished, ...kind.capture])
      renameSync(unfinished, wim)
    }
    console.log(`  ${kind.name.padEnd(12)} ${(statSync(wim).size / 1e6).toFixed(0)} MB`)
  }
}

function ours(...args: string[]): string[] {
  return [process.execPath, program, ...args, '--quiet']
}

/** The image's name and version, which a folder does not have. */
const NAMED = ['--name', 'Bench', '--required-version', '1.0.0.0']

async function benchKind(tree: BenchTree, kind: Kind): Promise<void> {
  const wim = wimOf(tree, kind)
  const runs = kind.isSlow ? options.runs.slow : options.runs.usual
  const [store, applied, extracted] = [at('store'), at('applied'), at('extracted')]
  const clear = () => [store, applied, extracted].forEach(remove)
  const prepare = () => {
    clear()
    mkdirSync(applied)
  }
  await compare('verify', tree, kind.name, runs, [
    { title: 'containerimage verify', command: ours('verify', wim) },
    { title: 'wimlib-imagex verify', command: [wimlib, 'verify', wim] },
    { title: '7zz t', command: ['7zz', 't', wim] },
  ])
  await compare('install', tree, kind.name, runs, [
    {
      title: 'containerimage install',
      before: clear,
      command: ours('install', wim, '--store', store, ...NAMED),
    },
    { title: 'wimlib-imagex apply', before: prepare, command: [wimlib, 'apply', wim, '1', applied] },
    { title: '7zz x', before: prepare, command: ['7zz', 'x', '-bd', `-o${extracted}`, wim] },
  ])
  clear()
}

async function benchSave(tree: BenchTree): Promise<void> {
  const kind = kindsOf(tree).find(({ name }) => name === 'XPRESS')
  if (!kind) return
  const [store, saved, captured] = [at('store'), at('saved.wim'), at('captured.wim')]
  const clear = () => [saved, captured].forEach(remove)
  remove(store)
  mustRun(ours('install', wimOf(tree, kind), '--store', store, ...NAMED))
  const save = ours('save', 'Bench', '--source', store, '--format', 'wim', '--path', saved)
  await compare('save', tree, kind.name, options.runs.usual, [
    { title: 'containerimage save', before: clear, command: save },
    {
      title: 'wimlib-imagex capture',
      before: clear,
      command: [wimlib, 'capture', at(tree.name), captured, '--compress=XPRESS', '--threads=2'],
    },
  ])
  clear()
  remove(store)
}

type Job = 'verify' | 'install' | 'save'

/** Ours and wimlib's the given number of times in turn, 7-Zip's once. */
async function compare(
  job: Job,
  tree: BenchTree,
  compression: string,
  runs: number,
  [first, second, third]: Contender[],
): Promise<void> {
  const results = await runInTurn(
    [first, second].filter((one) => one !== undefined),
    runs,
    0,
  )
  const [mine, peers] = results
  if (third && has7zip) results.push(...(await runInTurn([third], 1, 0)))
  printResults(`${job}, ${tree.title}, ${compression}`, results)
  const [time, other] = [medianOf(mine, 'seconds'), medianOf(peers, 'seconds')]
  const work = medianOf(mine, 'processor') / medianOf(peers, 'processor')
  const orientation = medianOf(results[2], 'seconds')
  const cells = [
    ...[job, tree.title, compression, `${time.toFixed(2)} s`, `${other.toFixed(2)} s`],
    ...[(time / other).toFixed(2), WANTED[job].toFixed(1), Number.isFinite(work) ? work.toFixed(2) : ''],
    ...[`${(peakOf(mine) / 1e6).toFixed(0)} MB`, orientation > 0 ? `${orientation.toFixed(2)} s` : ''],
  ]
  rows.push(`| ${cells.join(' | ')} |`)
}

function printTable(): void {
  console.log(`\nMemory wanted: ${(WANTED.memory / 1e6).toFixed(0)} MB\n`)
  console.log(
    '| job | tree | compression | ours | wimlib | ratio | wanted | ratio of CPU time | peak memory | 7-Zip |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const row of rows) console.log(row)
}

async function fuzz(): Promise<void> {
  if (options.fuzzSeconds === 0) return
  const report = await fuzzed(WIM, { seconds: options.fuzzSeconds, seed: options.seed })
  console.log(`\nfuzzed for ${options.fuzzSeconds} s with the seed ${options.seed}`)
  console.log(JSON.stringify(report, undefined, 2))
  if (report.findings.length > 0) process.exitCode = 1
}
