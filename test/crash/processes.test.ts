import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { get, type InstallResult, install, prune, verify } from '../../provider/index.js'
import { kernelPlace } from '../../provider/io/files/kernel-place.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { makeLayout } from '../fixtures/layout.js'
import { blobSizes } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))

describe('several processes at one store', () => {
  const temporary = scratch()
  let layout: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      { refName: 'base:1.0', layers: [{ files: { one: 4_000_000 } }, { files: { two: 2_000_000 } }] },
      { refName: 'other:1.0', layers: [{ files: { three: 1_000_000 } }] },
    ])
  })

  after(() => temporary.remove())

  function start(verb: string, request: object): ChildProcess {
    return spawn(process.execPath, [RUN_VERB, verb, JSON.stringify(request)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  async function result<T>(child: ChildProcess): Promise<T> {
    let [out, err] = ['', '']
    child.stdout?.on('data', (chunk) => {
      out += chunk
    })
    child.stderr?.on('data', (chunk) => {
      err += chunk
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    if (code !== 0) throw new Error(`ended with ${code}: ${err}`)
    return JSON.parse(out) as T
  }

  it('install the same image at once: both succeed, and the store is whole', async () => {
    const store = path.join(temporary.folder(), 'store')
    const runs = [1, 2, 3].map(() => result<InstallResult>(start('install', { targets: [layout], store })))
    const results = await Promise.all(runs)
    const copied = results.reduce((sum, one) => sum + one.copiedBytes, 0)
    const whole = results[0]?.images.reduce((sum, image) => sum + image.size, 0)
    // Small ones take no turns: whoever begins at the same moment brings them too.
    const small = blobSizes(store).filter((size) => size <= 64 * 1024)
    const twice = small.reduce((sum, size) => sum + size, 0) * (runs.length - 1)
    expect(copied, 'each large blob is brought once').to.be.within(whole ?? 0, (whole ?? 0) + twice)
    expect(
      blobSizes(store).filter((size) => size > twice),
      'that would be seen',
    ).not.to.deep.equal([])
    expect((await verify({ store })).problems).to.deep.equal([])
    expect((await get({ store })).map((image) => `${image.repository}:${image.tag}`)).to.deep.equal([
      'base:1.0',
      'base:latest',
      'other:1.0',
      'other:latest',
    ])
  })

  it('save to the same file at once: one writes, the other finds it there', async () => {
    const target = path.join(temporary.folder(), 'all.tar')
    const runs = [1, 2].map(() =>
      result<{ files: { sha256: string }[] }>(start('save', { names: [layout], path: target })),
    )
    const [first, second] = await Promise.all(runs)
    expect(first?.files[0]?.sha256).to.equal(second?.files[0]?.sha256)
    expect(readdirSync(path.dirname(target))).to.deep.equal(['all.tar'])
  })

  it('prune while others install takes nothing from them', async () => {
    const store = path.join(temporary.folder(), 'store')
    for (let round = 0; round < 3; round++) {
      const installing = [1, 2].map(() =>
        result<InstallResult>(start('install', { targets: [layout], store })),
      )
      let over = false
      const pruning = (async () => {
        while (!over) {
          await prune({ store }).catch((error) => {
            if (existsSync(path.join(store, 'oci-layout'))) throw error
          })
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })()
      await Promise.all(installing)
      over = true
      await pruning
      expect((await verify({ store })).problems).to.deep.equal([])
      expect(await get({ store })).to.have.length(4)
    }
  })

  it('wait for a lock that a living process holds, and say who holds it', async () => {
    const file = path.join(temporary.folder(), 'a.lock')
    const lock = await takeLock(file)
    const error = await takeLock(file, { patience: 100 }).catch((failure) => failure)
    expect(error).to.include({ code: 'STORE_LOCKED', exitCode: 5 })
    expect(error.message).to.contain(String(process.pid))
    await lock.release()
    await (await takeLock(file)).release()
  })

  it('take over the lock of a process that died, also where its number is used again', async () => {
    const folder = temporary.folder()
    const dead = spawn(process.execPath, ['-e', '0'])
    await new Promise((resolve) => dead.once('exit', resolve))
    const holders = [
      { id: 'x', pid: dead.pid, host: hostname(), place: kernelPlace() },
      { id: 'x', pid: process.pid, host: hostname(), place: kernelPlace(), started: '1' },
    ]
    for (const [i, holder] of (process.platform === 'linux' ? holders : holders.slice(0, 1)).entries()) {
      const file = path.join(folder, `${i}.lock`)
      writeFileSync(file, JSON.stringify(holder))
      await (await takeLock(file, { patience: 2000 })).release()
      expect(existsSync(file)).to.equal(false)
    }
  })

  it('refuse a folder that is not a store, and leave it as it is', async () => {
    const folder = temporary.folder()
    writeFileSync(path.join(folder, 'letter.txt'), 'Dear all')
    const error = await install({ targets: [layout], store: folder }).catch((failure) => failure)
    expect(error).to.include({ code: 'LAYOUT_INVALID', exitCode: 4, side: 'destination' })
    expect(readdirSync(folder)).to.deep.equal(['letter.txt'])
    expect(readFileSync(path.join(folder, 'letter.txt'), 'utf8')).to.equal('Dear all')
  })

  const EMPTY = JSON.stringify({ schemaVersion: 2, manifests: [] })
  const KILLED: Record<string, Record<string, string>> = {
    'before anything else': {},
    'while the index was written': { '.index.json.0123abcd-1.5a0c.new': '{"sche' },
    'before oci-layout was written': { 'index.json': EMPTY },
    'while oci-layout was written': { 'index.json': EMPTY, '.oci-layout.0123abcd-1.5a0c.new': '{"im' },
    'by an earlier version, before the index': { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' },
  }
  for (const [when, files] of Object.entries(KILLED))
    it(`finish a store that was killed while it was made, ${when}`, async () => {
      const folder = temporary.folder()
      mkdirSync(path.join(folder, 'ingest'))
      for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
      await install({ targets: [layout], store: folder })
      expect((await verify({ store: folder })).problems).to.deep.equal([])
    })

  it('refuse a folder that lists images and is not a layout', async () => {
    const folder = temporary.folder()
    const index = readFileSync(path.join(layout, 'index.json'))
    writeFileSync(path.join(folder, 'index.json'), index)
    const error = await install({ targets: [layout], store: folder }).catch((failure) => failure)
    expect(error).to.include({ code: 'LAYOUT_INVALID', exitCode: 4, side: 'destination' })
    expect(readFileSync(path.join(folder, 'index.json')).equals(index)).to.equal(true)
  })
})
