import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Descriptor, type ImageIndex, isDigest, type Manifest } from '../../manifests/index.js'
import { onPath } from '../../test/peers/peers.js'
import { makeBenchImage } from './made-image.js'
import { type Contender, medianOf, mustRun, optionIn, printResults, runInTurn } from './measure.js'
import type { Result } from './result.js'

/**
 * Measures `serve` alongside nginx with sendfile: ten hosts, each a network namespace of its own, fetch the same image
 * at once from a server in another one. Needs root and nginx (Debian: `apt-get install nginx-light`). `--memory DIR`
 * chooses where, `--size BYTES` how large the image is unpacked, `--runs N` how often, `--layout DIR` an image that an
 * earlier run made, `--hosts N` how many; `--curl-only` leaves out the pulls, which fill a disk.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const size = Number(optionIn(args, 'size') ?? 4e9)
const runs = Number(optionIn(args, 'runs') ?? 5)
const hosts = Math.min(200, Number(optionIn(args, 'hosts') ?? 10))

/** With names that only this run uses; addresses exist only in the namespaces. */
const PREFIX = `ci${process.pid}`
const SERVER = `${PREFIX}s`
const ADDRESS = '10.211.0.1'
const [OURS, NGINX] = [5000, 8080]
/** The whole run ends after this, even if something hangs. */
const LIMIT_MS = 1_800_000

setTimeout(() => {
  console.error('The bench took too long.')
  tearDown()
  process.exit(1)
}, LIMIT_MS).unref()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    tearDown()
    process.exit(130)
  })

const children: ChildProcess[] = []
/** Where the layout and the logs of this run are. */
let folder: string | undefined

export async function run(): Promise<void> {
  const nginx = onPath('nginx') ?? 'nginx'
  const parent = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  folder = mkdtempSync(path.join(parent, 'containerimage-serve-'))
  try {
    const layout = optionIn(args, 'layout') ?? path.join(folder, 'layout')
    if (!existsSync(path.join(layout, 'oci-layout'))) await makeBenchImage(layout, size)
    setUp()
    await bench(folder, layout, nginx)
  } finally {
    tearDown()
  }
}

async function bench(folder: string, layout: string, nginx: string): Promise<void> {
  const blobs = blobsOf(layout)
  const bytes = blobs.reduce((sum, blob) => sum + blob.size, 0)
  console.log(`${hosts} hosts, an image of ${(bytes / 1e6).toFixed(0)} MB in ${blobs.length} blobs`)
  const serve = inside(SERVER, [
    process.execPath,
    ...[program, 'serve', layout, '--listen', `${ADDRESS}:${OURS}`],
    ...['--access-log', path.join(folder, 'access.log'), '--quiet'],
  ])
  inside(SERVER, [nginx, '-c', nginxConfig(folder, layout)])
  const ours = (digest: string): string => `http://${ADDRESS}:${OURS}/v2/bench/blobs/${digest}`
  const theirs = (digest: string): string => `http://${ADDRESS}:${NGINX}/blobs/${digest.replace(':', '/')}`
  await answers(ours(blobs[0]?.digest ?? ''))
  await answers(theirs(blobs[0]?.digest ?? ''))

  await runInTurn([{ title: 'whole', command: onAllHosts(folder, 'check', checking(blobs, ours)) }], 1, 0)
  console.log('Every host got every blob whole, by its digest.')
  const curl = contenders(folder, 'curl', (url) => fetching(blobs, url), [ours, theirs])
  printThroughput('curl to /dev/null', bytes, await runInTurn(curl, runs, 1))

  if (!args.includes('--curl-only')) await benchPull(bytes)
  console.log(`\npeak memory of serve, all threads: ${(peakOf(serve) / 1e6).toFixed(0)} MB`)
}

/** On disk: so many stores at once would fill the memory. */
async function benchPull(bytes: number): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-serve-'))
  const stores = Array.from({ length: hosts }, (_, host) => path.join(folder, String(host)))
  try {
    if (bytes * hosts * 1.2 > freeBytes(folder)) return
    const pull = (host: number): string =>
      `${process.execPath} ${program} pull ${ADDRESS}:${OURS}/bench:1.0 --insecure --quiet --store ${stores[host]}`
    const contender = { title: 'serve', command: onAllHosts(folder, 'pull', pull) }
    const title = 'containerimage pull, each into a store of its own on disk'
    printThroughput(title, bytes, await runInTurn([contender], 1, 0))
    for (const store of stores) mustRun([process.execPath, program, 'verify', '--quiet', '--store', store])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function contenders(
  folder: string,
  name: string,
  command: (url: (digest: string) => string) => (host: number) => string,
  [ours, theirs]: [(digest: string) => string, (digest: string) => string],
): Contender[] {
  return [
    { title: 'serve', command: onAllHosts(folder, `${name}-ours`, command(ours)) },
    { title: 'nginx, sendfile', command: onAllHosts(folder, `${name}-nginx`, command(theirs)) },
  ]
}

function printThroughput(title: string, bytes: number, results: Result[]): void {
  printResults(title, results)
  const rates = results.map((result) => (bytes * hosts) / medianOf(result, 'seconds') / 1e6)
  console.log(results.map((result, i) => `  ${result.title}: ${rates[i]?.toFixed(0)} MB/s`).join('\n'))
  const pairs = (results[0]?.runs ?? []).flatMap((run, i) => {
    const other = results[1]?.runs[i]
    return other ? [other.seconds / run.seconds] : []
  })
  if (pairs.length === 0) return
  pairs.sort((a, b) => a - b)
  console.log(
    `  throughput serve/nginx, median of the pairs: ${pairs[Math.floor(pairs.length / 2)]?.toFixed(2)}`,
  )
}

/** A shell script that runs one line for each host at once, and fails if one of them fails. */
function onAllHosts(folder: string, name: string, line: (host: number) => string): string[] {
  const script = path.join(folder, `${name}.sh`)
  const starts = Array.from(
    { length: hosts },
    (_, i) => `ip netns exec ${PREFIX}h${i} sh -c '${line(i)}' & p${i}=$!`,
  )
  const waits = Array.from({ length: hosts }, (_, i) => `wait $p${i} || exit 1`)
  writeFileSync(script, `${[...starts, ...waits].join('\n')}\n`)
  return ['timeout', '600', 'sh', script]
}

function fetching(blobs: Descriptor[], url: (digest: string) => string): () => string {
  return () => `curl -sSf ${blobs.map(({ digest }) => `-o /dev/null ${url(digest)}`).join(' ')}`
}

function checking(blobs: Descriptor[], url: (digest: string) => string): () => string {
  return () =>
    blobs
      .map(({ digest }) => `test "$(curl -sSf ${url(digest)} | sha256sum | cut -c1-64)" = ${digest.slice(7)}`)
      .join(' && ')
}

function blobsOf(layout: string): Descriptor[] {
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(layout, file), 'utf8'))
  const [root] = (read('index.json') as ImageIndex).manifests
  if (!isDigest(root?.digest)) throw new Error(`${layout} has no image`)
  const { config, layers } = read(path.join('blobs', 'sha256', root.digest.slice(7))) as Manifest
  return [config, ...layers]
}

function nginxConfig(folder: string, layout: string): string {
  const file = path.join(folder, 'nginx.conf')
  const lines = [
    'user root; worker_processes auto; daemon off;',
    `pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;`,
    'events { worker_connections 1024; }',
    'http { sendfile on; tcp_nopush on; access_log off;',
    `  server { listen ${ADDRESS}:${NGINX} reuseport; root ${path.resolve(layout)}; } }`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** A bridge in the server's namespace, and a cable from it to each host's. */
function setUp(): void {
  mustRun(['ip', 'netns', 'add', SERVER])
  const server = (...words: string[]): void => mustRun(['ip', '-n', SERVER, ...words])
  server('link', 'add', 'bridge', 'type', 'bridge')
  server('addr', 'add', `${ADDRESS}/16`, 'dev', 'bridge')
  server('link', 'set', 'bridge', 'up')
  for (let i = 0; i < hosts; i++) {
    const name = `${PREFIX}h${i}`
    mustRun(['ip', 'netns', 'add', name])
    server('link', 'add', `cable${i}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    server('link', 'set', `cable${i}`, 'master', 'bridge', 'up')
    mustRun(['ip', '-n', name, 'addr', 'add', `10.211.1.${i + 1}/16`, 'dev', 'eth0'])
    mustRun(['ip', '-n', name, 'link', 'set', 'eth0', 'up'])
  }
}

function tearDown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  for (const child of children) child.kill('SIGTERM')
  for (const name of [...Array.from({ length: hosts }, (_, i) => `${PREFIX}h${i}`), SERVER])
    spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
}

/** `ip netns exec` is replaced by the command itself: signals and memory are the command's. */
function inside(namespace: string, command: string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  children.push(child)
  return child
}

async function answers(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { status } = spawnSync('ip', [
      'netns',
      'exec',
      `${PREFIX}h0`,
      'curl',
      '-sf',
      '-o',
      '/dev/null',
      url,
    ])
    if (status === 0) return
    await sleep(100)
  }
  throw new Error(`${url} is not answered`)
}

/** VmHWM of proc(5), for the process and those that it started, in bytes. */
function peakOf(child: ChildProcess): number {
  const pids = [String(child.pid), ...childrenOf(String(child.pid))]
  return pids.reduce((sum, pid) => {
    const found = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return sum + Number(found?.[1] ?? 0) * 1024
  }, 0)
}

function childrenOf(pid: string): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
}

function freeBytes(folder: string): number {
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', folder], { encoding: 'utf8' })
  return Number(stdout.trim().split('\n').at(-1) ?? 0)
}
