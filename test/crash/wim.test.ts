import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { get, type InstallResult, install, prune, verify } from '../../provider/index.js'
import { makeWim } from '../fixtures/wim.js'
import { scratch } from '../scratch.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))

describe('installing a WIM', () => {
  const temporary = scratch()
  let wim = ''
  let digest = ''

  before(async () => {
    const folder = temporary.folder()
    wim = path.join(folder, 'NanoServer.wim')
    await makeWim(wim, { size: 24_000_000 })
    const undisturbed = await install({ targets: [wim], store: path.join(folder, 'store') })
    digest = undisturbed.images[0]?.digest ?? ''
  })
  after(() => temporary.remove())

  const start = (store: string): ChildProcess =>
    spawn(process.execPath, [RUN_VERB, 'install', JSON.stringify({ targets: [wim], store })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })

  async function result(child: ChildProcess): Promise<InstallResult> {
    let out = ''
    child.stdout?.on('data', (chunk) => {
      out += chunk
    })
    const [code] = await once(child, 'close')
    expect(code).to.equal(0)
    return JSON.parse(out) as InstallResult
  }

  /** Kills a run as soon as a condition holds; tells whether it came to that. */
  async function killedWhen(child: ChildProcess, isMoment: () => boolean): Promise<boolean> {
    const exited = once(child, 'exit')
    const watch = setInterval(() => isMoment() && child.kill('SIGKILL'), 1)
    const [, signal] = await exited
    clearInterval(watch)
    return signal === 'SIGKILL'
  }

  async function expectInstalled(store: string): Promise<void> {
    expect((await verify({ store })).problems).to.deep.equal([])
    expect((await get({ store })).map((image) => [image.tag, image.digest])).to.deep.equal([
      ['10.0.14300.1010', digest],
      ['latest', digest],
    ])
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    expect(readdirSync(path.join(store, 'blobs/sha256'))).to.have.length(3)
  }

  it('is killed (kill -9) while its layer is made, and run again', async () => {
    const store = path.join(temporary.folder(), 'store')
    const isMade = () => names(path.join(store, 'ingest')).some((name) => /^made-[0-9a-f]+$/.test(name))
    expect(await killedWhen(start(store), isMade), 'killed in time').to.equal(true)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(await get({ store })).to.deep.equal([])
    expect((await result(start(store))).images[0]?.digest).to.equal(digest)
    await expectInstalled(store)
  })

  it('is killed (kill -9) when its layer is there and has no name, and run again', async () => {
    const store = path.join(temporary.folder(), 'store')
    const hasBlob = () => names(path.join(store, 'blobs/sha256')).length > 0
    await killedWhen(start(store), hasBlob)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect((await result(start(store))).images[0]?.digest).to.equal(digest)
    await expectInstalled(store)
  })

  it('runs twice at once: the layer is made by one of them', async () => {
    const store = path.join(temporary.folder(), 'store')
    const [first, second] = await Promise.all([result(start(store)), result(start(store))])
    for (const one of [first, second]) expect(one?.images[0]?.digest).to.equal(digest)
    await expectInstalled(store)
  })

  it('goes on beside processes that prune', async () => {
    const store = path.join(temporary.folder(), 'store')
    const installing = result(start(store))
    let over = false
    const pruning = (async () => {
      while (!over) {
        await prune({ store })
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    const { images } = await installing
    over = true
    await pruning
    expect(images[0]?.digest).to.equal(digest)
    await expectInstalled(store)
  })
})

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
