import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { get, install, inventory, prune, save, tag, uninstall, verify } from '../../provider/index.js'
import { makeScratch, sweepScratch } from '../../provider/io/files/scratch.js'
import { compressedSevenZip } from '../fixtures/compressed-seven-zip.js'
import { makeLayout } from '../fixtures/layout.js'
import { itWithLinks } from '../links.js'
import { scratch } from '../scratch.js'

const LIBRARY = new URL('../../provider/index.js', import.meta.url).href
const SCRATCH = new URL('../../provider/io/files/scratch.js', import.meta.url).href
const UUID = '01234567-89ab-cdef-0123-456789abcdef'

describe('what a killed run had unpacked', () => {
  const temporary = scratch()
  const running: ChildProcess[] = []
  let store: string
  let archive: string

  before(async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 5_000_000 } }] }])
    archive = path.join(folder, 'base.7z')
    await compressedSevenZip(layout, archive)
  })
  beforeEach(async () => {
    store = path.join(temporary.folder(), 'store')
  })
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL')
  })
  after(() => temporary.remove())

  /** Runs statements in a process of their own, which is killed when it renames the first file. */
  function killedIn(statements: string, env: NodeJS.ProcessEnv = {}): void {
    const text = `
      import fs from 'node:fs/promises'
      import { syncBuiltinESMExports } from 'node:module'
      fs.rename = () => process.kill(process.pid, 'SIGKILL')
      syncBuiltinESMExports()
      ${statements}`
    const args = ['--input-type=module', '-e', text]
    const { signal } = spawnSync(process.execPath, args, { env: { ...process.env, ...env } })
    expect(signal).to.equal('SIGKILL')
  }

  function killedInstall(): void {
    const request = JSON.stringify({ targets: [archive], store })
    killedIn(`const { install } = await import(${JSON.stringify(LIBRARY)}); await install(${request})`)
    expect(unpacked()).to.have.length(2)
  }

  function unpacked(folder = path.join(store, 'ingest')): string[] {
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('unpacked-')) : []
  }

  const verbs: Record<string, () => Promise<unknown>> = {
    get: () => get({ store }),
    verify: () => verify({ store }),
    inventory: () => inventory({ store }),
    prune: () => prune({ store }),
    tag: () => tag({ from: 'base:2.0', to: 'base:3.0', store }),
    uninstall: () => uninstall({ name: 'base', version: '2.0', store }),
    save: () => save({ names: [store], path: temporary.folder(), store }),
    'install of the same': () => install({ targets: [archive], store }),
  }
  for (const [verb, run] of Object.entries(verbs))
    it(`is gone after the next ${verb}`, async () => {
      const other = path.join(temporary.folder(), 'layout')
      makeLayout(other, [{ refName: 'base:2.0', layers: [{ files: { two: 100 } }] }])
      await install({ targets: [other], store })
      killedInstall()
      await run()
      expect(unpacked()).to.deep.equal([])
    })

  it('is gone after the next run though no store came of it, and several of it at once', async () => {
    const ingest = path.join(store, 'ingest')
    killedIn(`
      const { makeScratch } = await import(${JSON.stringify(SCRATCH)})
      await makeScratch(async () => ${JSON.stringify(ingest)})
      await fs.rename('a', 'b')`)
    for (const name of unpacked())
      for (const digit of ['0', '1', '2'])
        cpSync(path.join(ingest, name), path.join(ingest, name.replace(/-.{8}/, `-${digit.repeat(8)}`)), {
          recursive: true,
        })
    expect(unpacked()).to.have.length(8)
    expect(await get({ store })).to.deep.equal([])
    expect(unpacked()).to.deep.equal([])
  })

  it('is kept while its process lives, and goes when that is killed', async () => {
    const text = `
      const { makeScratch } = await import(${JSON.stringify(SCRATCH)})
      await makeScratch(async () => ${JSON.stringify(path.join(store, 'ingest'))})
      process.stdout.write('made')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    running.push(child)
    await once(child.stdout, 'data')
    await get({ store })
    expect(unpacked()).to.have.length(2)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await get({ store })
    expect(unpacked()).to.deep.equal([])
  })

  it('is kept where it is what this process works with', async () => {
    const own = await makeScratch(async () => path.join(store, 'ingest'))
    writeFileSync(path.join(own.path, 'file'), 'x')
    await get({ store })
    await makeScratch(async () => path.join(store, 'ingest')).then((other) => other.remove())
    expect(readFileSync(path.join(own.path, 'file'), 'utf8')).to.equal('x')
    await own.remove()
    expect(unpacked()).to.deep.equal([])
  })

  itWithLinks(
    'is removed by its own name alone: neither what is named otherwise, nor what a link leads to',
    async () => {
      const ingest = path.join(store, 'ingest')
      mkdirSync(ingest, { recursive: true })
      const own = temporary.folder()
      writeFileSync(path.join(own, 'file'), 'mine')
      symlinkSync(own, path.join(ingest, `unpacked-${UUID}`))
      const others = [
        'unpacked-',
        'unpacked-1',
        `my-unpacked-${UUID}`,
        `unpacked-${UUID}.old`,
        `unpacked-${UUID}x`,
      ]
      for (const name of others) mkdirSync(path.join(ingest, name))
      writeFileSync(path.join(ingest, `unpacked-${UUID.replace('0', '1')}`), 'a file')
      await get({ store })
      expect(readdirSync(ingest)).to.have.length(others.length + 2)
      expect(readFileSync(path.join(own, 'file'), 'utf8')).to.equal('mine')
    },
  )

  it('is removed by its own user alone, where nobody else could have put a link into it', async function () {
    if (process.getuid?.() !== 0) this.skip()
    const folder = temporary.folder()
    const [foreign, open, whole] = ['0', '1', '2'].map((digit) =>
      path.join(folder, `containerimage-unpacked-${UUID.replace('0', digit)}`),
    ) as [string, string, string]
    for (const one of [foreign, open, whole]) mkdirSync(one, { mode: 0o700 })
    chownSync(foreign, 12345, 12345)
    chmodSync(open, 0o777)
    await sweepScratch(folder)
    expect(readdirSync(folder)).to.have.members([path.basename(foreign), path.basename(open)])
  })

  it('is gone from the folder for temporary files after the next run that needs it', () => {
    const folder = temporary.folder()
    const making = `
      const { makeScratch } = await import(${JSON.stringify(SCRATCH)})
      const made = await makeScratch(undefined)`
    killedIn(`${making}\nawait fs.rename('a', 'b')`, { TMPDIR: folder })
    expect(unpacked(folder)).to.have.length(2)
    const args = ['--input-type=module', '-e', `${making}\nawait made.remove()`]
    expect(spawnSync(process.execPath, args, { env: { ...process.env, TMPDIR: folder } }).status).to.equal(0)
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('takes with it half a layer that was being made, and not the part of a blob that goes on', async () => {
    await install({ targets: [archive], store })
    const ingest = path.join(store, 'ingest')
    const [half, packed, part] = [
      `made-${'a'.repeat(64)}`,
      `made-${'b'.repeat(64)}.gz`,
      `sha256-${'c'.repeat(64)}`,
    ]
    for (const name of [half, packed, part]) writeFileSync(path.join(ingest, name), 'half')
    await get({ store })
    expect(readdirSync(ingest)).to.deep.equal([part])
  })
})
