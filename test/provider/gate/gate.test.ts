import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { gateWords, withPlace } from '../../../provider/gate/command.js'
import { runScanner } from '../../../provider/gate/run-scanner.js'
import {
  type GateVerdict,
  get,
  install,
  load,
  type ProgressEvent,
  readReceipts,
  save,
  setSetting,
} from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { addBlob, makeLayout } from '../../fixtures/layout.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'

const MARK = 'MARK-OF-EVIL'

/** Refuses what has the mark in it, prints all that it sees, and more than a terminal may get. */
const SCANNER = `
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
const [place] = process.argv.slice(2)
const names = readdirSync(place, { recursive: true })
const bad = names.filter((name) => statSync(path.join(place, name)).isFile())
  .filter((name) => readFileSync(path.join(place, name)).includes('${MARK}'))
console.log('mode', (statSync(place).mode & 0o777).toString(8))
console.log(names.join('\\n'))
for (const name of bad) console.error('\\u001b[31mFOUND\\u001b[0m \\u202e' + name)
process.exit(bad.length > 0 ? 3 : 0)
`

describe('a gate', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let folder: string
  let store: string
  let layout: string
  let bad: string
  let gate: string

  before(() => {
    const made = temporary.folder()
    layout = path.join(made, 'good')
    bad = path.join(made, 'marked')
    const good = { files: { 'etc/os-release': 'ID=demo\n', 'bin/a': 100_000 } }
    makeLayout(layout, [{ refName: 'demo:1', layers: [good] }])
    makeLayout(bad, [{ refName: 'marked:1', layers: [good, { files: { 'opt/x': `${MARK}\n` } }] }])
  })
  beforeEach(() => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
    const script = path.join(folder, 'a scanner.mjs')
    writeFileSync(script, SCANNER)
    gate = `"${process.execPath}" "${script}" {}`
  })
  afterEach(() => restoreEnvironment(environment))
  after(() => temporary.remove())

  const left = (): string[] => readdirSync(path.join(store, 'ingest'))

  it('lets pass what it does not refuse, and the verdict is in the result and in the receipt', async () => {
    const receipt = path.join(folder, 'receipts.jsonl')
    const { gate: verdict } = await install({ targets: [layout], store, gate, receipt })
    const program = path.basename(process.execPath)
    expect(verdict).to.deep.equal({ program, version: process.version, verdict: 'passed', exit: '0' })
    const [log] = await readReceipts({ paths: [receipt] })
    expect(log?.receipts[0]?.gate).to.deep.equal(verdict)
    expect(left()).to.deep.equal([])
  })

  it('refuses before anything has a name: the store is as it was, and the receipt says so', async () => {
    await install({ targets: [layout], store })
    const before = filesIn(path.join(store, 'blobs'))
    const receipt = path.join(folder, 'receipts.jsonl')
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    const error = await failure(install({ targets: [bad], store, gate, receipt, onProgress }), 'GATE_REFUSED')
    expect(error.found).to.match(/^3: /)
    expect(notes.join('\n')).to.contain('opt/x').and.contain('mode 700').and.contain('bin/a')
    const told = JSON.stringify([notes, error.found, error.details])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
    expect(told).not.to.match(/[\u001b\u202e]|\\u001b/)
    expect(told).not.to.contain('unpacked-')
    expect((await get({ store })).map(({ repository }) => repository)).not.to.include('marked')
    expect(filesIn(path.join(store, 'blobs'))).to.deep.equal(before)
    const [log] = await readReceipts({ paths: [receipt] })
    expect(log?.receipts[0]?.gate?.verdict).to.equal('refused')
    expect(log?.receipts[0]?.images[0]?.outcome).to.equal('refused')
    expect(log?.receipts[0]?.error?.code).to.equal('GATE_REFUSED')
    expect(left()).to.deep.equal([])
  })

  it('stands before save and load as well, and writes nothing that it refuses', async () => {
    const stick = temporary.folder()
    for (const more of [{}, { format: 'media' }, { volumeSize: 2_000_000 }] as const)
      await failure(save({ names: [bad], path: stick, store, gate, ...more }), 'GATE_REFUSED')
    expect(Object.keys(filesIn(stick))).to.deep.equal([])
    const saved = await save({ names: [layout], path: stick, store, gate })
    expect((saved.gate as GateVerdict).verdict).to.equal('passed')
    await install({ targets: [bad], store })
    const nowhere = { engine: 'docker', engineAddress: path.join(folder, 'no.sock') } as const
    await failure(load({ names: ['marked'], store, gate, ...nowhere }), 'ENGINE_UNREACHABLE')
  })

  it('is not run with whatIf', async () => {
    expect((await install({ targets: [bad], store, gate, whatIf: true })).gate).to.equal(undefined)
  })

  it('comes from the settings where the request has none, and an empty one is none', async () => {
    await setSetting('gate', gate)
    await failure(install({ targets: [bad], store }), 'GATE_REFUSED')
    await install({ targets: [bad], store, gate: '' })
    await failure(setSetting('gate', 'true'), 'USAGE')
  })

  it('sees the blobs of what is not an image', async () => {
    const chart = path.join(temporary.folder(), 'chart')
    makeLayout(chart, [])
    const config = addBlob(chart, 'application/vnd.cncf.helm.config.v1+json', Buffer.from('{}'))
    const layer = addBlob(chart, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', Buffer.from(MARK))
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }))
    const root = addBlob(chart, mediaType, bytes)
    const annotations = { 'org.opencontainers.image.ref.name': 'chart:1' }
    writeFileSync(
      path.join(chart, 'index.json'),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...root, annotations }] }),
    )
    await failure(install({ targets: [chart], store, gate }), 'GATE_REFUSED')
  })

  it('that cannot be started, or is none, is an error and lets nothing pass', async () => {
    await failure(
      install({ targets: [layout], store, gate: 'no-such-scanner-anywhere {}' }),
      'PROGRAM_MISSING',
    )
    for (const wrong of ['{}', 'scan', 'scan "{}', 'scan .'])
      await failure(install({ targets: [layout], store, gate: wrong }), 'USAGE')
    expect(await get({ store })).to.deep.equal([])
    // It was missed before anything was copied.
    expect(existsSync(store)).to.equal(false)
  })

  it('is words, and no line for a shell: what they hold stays in one word', () => {
    expect(gateWords(`scan -d "my signatures" 'a "b"' x{}y;reboot`)).to.deep.equal([
      'scan',
      '-d',
      'my signatures',
      'a "b"',
      'x{}y;reboot',
    ])
    expect(gateWords('C:\\tools\\scan.exe /dir:{}')).to.deep.equal(['C:\\tools\\scan.exe', '/dir:{}'])
    const place = `/a b/$(reboot)/'"$&`
    expect(withPlace(['scan', '--in={}'], place)).to.deep.equal(['scan', `--in=${place}`])
  })

  it('is told in bounds, however much it prints', async () => {
    const script = path.join(folder, 'loud.mjs')
    writeFileSync(
      script,
      `process.stdout.write(('x'.repeat(1000) + '\\n').repeat(20000), () => process.exit(1))`,
    )
    const { lines, code } = await runScanner([process.execPath, script], { folder, timeoutMs: 60_000 })
    expect(code).to.equal(1)
    expect(lines.join('\n').length).to.be.lessThan(20_000)
    expect(lines.join('\n')).to.contain('left out')
  })

  for (const how of ['takes too long', 'is stopped'])
    it(`is ended with all that it has started where it ${how}`, async () => {
      const pid = path.join(folder, 'pid')
      const script = path.join(folder, 'slow.mjs')
      writeFileSync(
        script,
        `import { spawn } from 'node:child_process'
         import { writeFileSync } from 'node:fs'
         const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
         writeFileSync(${JSON.stringify(pid)} + '.new', String(child.pid))
         import('node:fs').then((fs) => fs.renameSync(${JSON.stringify(pid)} + '.new', ${JSON.stringify(pid)}))
         setInterval(() => {}, 1000)`,
      )
      const stopping = new AbortController()
      const isStopped = how === 'is stopped'
      const run = runScanner([process.execPath, script], {
        folder,
        timeoutMs: isStopped ? 100_000 : 5_000,
        signal: stopping.signal,
      })
      const failed = failure(run, isStopped ? 'INTERRUPTED' : 'GATE_REFUSED')
      while (!existsSync(pid)) await setTimeout(20)
      if (isStopped) stopping.abort()
      await failed
      const child = Number(readFileSync(pid, 'utf8'))
      while (isRunning(child)) await setTimeout(20)
    })

  describeWithPeers(['clamscan'], 'that is clamscan', () => {
    it('finds what a signature of the site describes, and says its version', async () => {
      const signatures = path.join(folder, 'site.ndb')
      writeFileSync(signatures, `Marked.By.Site:0:*:${Buffer.from(MARK).toString('hex')}\n`)
      const clam = `clamscan --recursive --infected --no-summary -d "${signatures}" {}`
      const error = await failure(install({ targets: [bad], store, gate: clam }), 'GATE_REFUSED')
      expect(error.found).to.contain('Marked.By.Site')
      const { gate: verdict } = await install({ targets: [layout], store, gate: clam })
      expect(verdict?.version).to.match(/^ClamAV \d/)
    })
  })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie that nobody waits for is over, too.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
