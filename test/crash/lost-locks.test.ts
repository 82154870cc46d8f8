import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { install } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { scratch } from '../scratch.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))
const COPY = fileURLToPath(new URL('./copy-one.js', import.meta.url))
const LOSE_LOCKS = pathToFileURL(fileURLToPath(new URL('./lose-locks.js', import.meta.url))).href

describe('a process that lost its locks while it slept', () => {
  if (process.platform !== 'linux') return
  const temporary = scratch()
  let layout: string
  let wim: string
  let folder: string
  let store: string

  before(async () => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      { refName: 'base:1.0', layers: [{ files: { one: 200_000 } }, { files: { two: 90_000 } }] },
    ])
    wim = path.join(temporary.folder(), 'NanoServer.wim')
    await makeWim(wim, { size: 60_000 })
  })
  beforeEach(() => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
  })
  after(() => temporary.remove())

  /** @returns what the run says when its locks are taken at the first sync of such a file */
  async function runLosing(verb: string, request: object, at: string): Promise<string> {
    return await losing([RUN_VERB, verb, JSON.stringify({ store, ...request })], at)
  }

  async function losing(program: string[], at: string): Promise<string> {
    const env = { ...process.env, LOSE_IN: folder, LOSE_AT: at }
    const args = ['--import', LOSE_LOCKS, ...program]
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    await new Promise((resolve) => child.once('close', resolve))
    return said
  }

  function all(below = folder): string[] {
    return readdirSync(below, { recursive: true, encoding: 'utf8' }).sort()
  }

  function expectLostIn(said: string): void {
    expect(said).to.contain("code: 'LOCK_LOST'")
    const locks = all().filter((name) => name.endsWith('.lock'))
    expect(locks, 'those of the next holder stay').to.have.length.at.least(1)
    for (const lock of locks) expect(readFileSync(path.join(folder, lock), 'utf8')).to.contain('next')
  }

  const saves: Record<string, [file: string, request: object]> = {
    'an archive': ['base.tar', {}],
    'a docker archive': ['base.tar', { format: 'docker-archive' }],
    'a zip': ['base.zip', {}],
    'a 7z': ['base.7z', {}],
    'a WIM': ['base.wim', {}],
  }
  for (const [what, [name, request]] of Object.entries(saves))
    for (const force of [false, true])
      it(`gives ${what} no name${force ? ', also in the place of another' : ''}`, async () => {
        const file = path.join(folder, name)
        if (force) writeFileSync(file, 'of the next')
        expectLostIn(await runLosing('save', { names: [layout], path: file, force, ...request }, '\\.part'))
        if (force) expect(readFileSync(file, 'utf8')).to.equal('of the next')
        else expect(existsSync(file)).to.equal(false)
      })

  it('gives volumes no names', async () => {
    const large = path.join(temporary.folder(), 'layout')
    makeLayout(large, [{ refName: 'large:1.0', layers: [{ files: { one: 1_500_000 } }] }])
    expectLostIn(await runLosing('save', { names: [large], path: folder, volumeSize: 1_100_000 }, '\\.part'))
    expect(all().filter((name) => name.endsWith('.tar'))).to.deep.equal([])
  })

  it('gives recovery files no names', async () => {
    const request = { names: [layout], path: path.join(folder, 'base.tar'), recovery: 0.5 }
    expectLostIn(await runLosing('save', request, '\\.par2\\.part'))
    expect(all().filter((name) => name.endsWith('.par2'))).to.deep.equal([])
    expect(all()).to.include('base.tar')
  })

  it('gives a file that is copied no name', async () => {
    const file = path.join(folder, 'copy.wim')
    writeFileSync(file, 'of the next')
    expectLostIn(await losing([COPY, wim, file], '\\.part'))
    expect(readFileSync(file, 'utf8')).to.equal('of the next')
  })

  it('gives blobs no names', async () => {
    expectLostIn(await runLosing('install', { targets: [layout] }, 'ingest/sha'))
    expect(all(store).filter((name) => /blobs\/sha256\/./.test(name))).to.deep.equal([])
  })

  it('gives a layer that it made no name', async () => {
    expectLostIn(await runLosing('install', { targets: [wim] }, 'ingest/made'))
    expect(all(store).filter((name) => /blobs\/sha256\/./.test(name))).to.deep.equal([])
  })

  it('changes no index', async () => {
    expectLostIn(await runLosing('install', { targets: [layout] }, '\\.index\\.json'))
    expect(existsSync(path.join(store, 'index.json'))).to.equal(false)
  })

  it('uninstalls nothing', async () => {
    await install({ targets: [layout], store })
    const before = all(store).filter((name) => !name.startsWith('ingest'))
    const index = readFileSync(path.join(store, 'index.json'), 'utf8')
    expectLostIn(await runLosing('uninstall', { name: 'base' }, '\\.index\\.json'))
    expect(readFileSync(path.join(store, 'index.json'), 'utf8')).to.equal(index)
    expect(all(store).filter((name) => !name.startsWith('ingest'))).to.deep.equal(before)
  })

  it('writes no receipt', async () => {
    await install({ targets: [layout], store })
    const receipt = path.join(folder, 'carried')
    mkdirSync(receipt)
    expectLostIn(await runLosing('install', { targets: [layout], receipt }, 'receipts\\.jsonl'))
    expect(all().filter((name) => /receipts[^/]*\.jsonl$/.test(name))).to.deep.equal([])
  })

  it('lays out no folder', async () => {
    const said = await runLosing('install', { targets: [wim], expand: true }, '/images/')
    expectLostIn(said)
    expect(all(folder).filter((name) => /^images\/CN=[^/]*$/.test(name))).to.deep.equal([])
  })
})
