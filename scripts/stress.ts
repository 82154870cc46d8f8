import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { storeCheck, verify } from '../provider/index.js'
import { seededRandom } from '../test/crash/killing.js'
import { makeLayout } from '../test/fixtures/layout.js'

/**
 * Four processes install, tag, uninstall and prune in one store, and are killed at random moments, while another reads
 * every byte of it. At the end the store must be whole, and a prune must leave what is named. Options: --minutes M
 * (default 1), --seed N, --hosts H (default 1): the processes run on this many hosts, each with its own name, process
 * numbers and place of the folder (namespaces, which need root). `--in FOLDER` is the part of one of them.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '1' },
    in: { type: 'string' },
    processes: { type: 'string', default: '4' },
  },
})
const PROGRAM = fileURLToPath(new URL('../bin/containerimage.js', import.meta.url))
const PROCESSES = Number(values.processes)
/** Other ways in which a run may end: nothing is there to remove, others hold or change it. */
const MAY_END_WITH = [0, 3, 5]

const folder = values.in ?? mkdtempSync(path.join(os.tmpdir(), 'containerimage-stress-'))
const store = path.join(folder, 'store')
const env = {
  ...process.env,
  CONTAINERIMAGE_STORE: store,
  CONTAINERIMAGE_CONFIG_DIR: path.join(folder, `settings-${values.seed}`),
}
const random = seededRandom(Number(values.seed))
const until = Date.now() + Number(values.minutes) * 60_000
const count = { runs: 0, killed: 0, checks: 0 }
const wrong: string[] = []

const layouts = ['1.0', '2.0', '3.0'].map((version) => {
  const layout = path.join(folder, `layout-${version}`)
  if (values.in === undefined)
    makeLayout(layout, [
      { refName: `demo:${version}`, layers: [{ files: { own: 200_000 } }, { files: { version } }] },
    ])
  return { layout, version }
})

if (values.in === undefined) await everything()
else {
  await Promise.all(Array.from({ length: PROCESSES }, work))
  console.log(JSON.stringify({ count, wrong }))
}

async function everything(): Promise<void> {
  const hosts = Number(values.hosts)
  try {
    await run(['install', layouts[0]?.layout ?? '', '--no-progress'], false)
    const parts =
      hosts > 1
        ? Array.from({ length: hosts }, (_, i) => host(i, hosts))
        : Array.from({ length: PROCESSES }, work)
    await Promise.all([...parts, watch()])
    await finish()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const where = hosts > 1 ? ` on ${hosts} hosts` : ''
  console.log(
    `${values.minutes} minutes, ${PROCESSES} processes${where}: ${count.runs} runs, ${count.killed} of them killed; ${count.checks} checks beside them.`,
  )
  console.log(
    wrong.length === 0 ? 'Nothing was wrong.' : `${wrong.length} things were wrong:\n${wrong.join('\n')}`,
  )
  process.exitCode = wrong.length === 0 ? 0 : 1
}

/** Lets some of the processes work as if they were on another host, and adds what they report to what is known here. */
async function host(number: number, of: number): Promise<void> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'containerimage-host-'))
  const mounting = `hostname "host-${number}" && mount --bind "$1" "$2" && shift 2 && exec "$@"`
  const options = ['--minutes', values.minutes, '--seed', String(Number(values.seed) * 100 + number)]
  const itself = [process.execPath, fileURLToPath(import.meta.url), '--in', place, ...options]
  const child = spawn(
    'unshare',
    [
      ...[
        '--mount-proc',
        '--uts',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        '-c',
        mounting,
        'sh',
        folder,
        place,
      ],
      ...[...itself, '--processes', String(PROCESSES / of)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const said = await text(child.stdout)
  rmSync(place, { recursive: true })
  const part = JSON.parse(said) as { count: typeof count; wrong: string[] }
  count.runs += part.count.runs
  count.killed += part.count.killed
  wrong.push(...part.wrong)
}

async function work(): Promise<void> {
  while (Date.now() < until) await run(words(), random() < 0.4)
}

function words(): string[] {
  const { layout, version } = layouts[Math.floor(random() * layouts.length)] ?? { layout: '', version: '' }
  const all = [
    ['install', layout],
    ['install', layout, '--force'],
    ['tag', `demo:${version}`, `demo:t${Math.floor(random() * 9)}`],
    ['untag', `demo:t${Math.floor(random() * 9)}`],
    ['uninstall', 'demo', '--version', version],
    ['prune'],
    ['store', 'check', '--repair', '--from', layout],
  ]
  return [...(all[Math.floor(random() * all.length)] ?? []), '--no-progress']
}

async function run(args: string[], isKilled: boolean): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8')
  })
  const timer = isKilled ? setTimeout(() => child.kill('SIGKILL'), random() * 1500) : undefined
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  count.runs++
  if (code === null) count.killed++
  else if (!MAY_END_WITH.includes(code) || err.includes('UNEXPECTED'))
    wrong.push(`${args.join(' ')} ends with ${code}: ${err.trim()}`)
}

/** A blob may disappear while it is read; none may be there with other bytes. */
async function watch(): Promise<void> {
  while (Date.now() < until) {
    const { problems } = await verify({ store })
    count.checks++
    for (const { code, message } of problems)
      if (code === 'DIGEST_MISMATCH' || code === 'INVALID_DOCUMENT')
        wrong.push(`verify beside them: ${message}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Everything that is named is whole, and after a prune nothing is left over. */
async function finish(): Promise<void> {
  await run(['prune', '--no-progress'], false)
  const { problems, leftovers } = await storeCheck({ store })
  for (const { message } of problems) wrong.push(`in the end: ${message}`)
  for (const { path: file } of leftovers) wrong.push(`in the end ${file} is left`)
}
