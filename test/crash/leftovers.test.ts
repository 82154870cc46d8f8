import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  databaseAdd,
  databaseRemove,
  install,
  inventory,
  prune,
  setSetting,
  storeCheck,
  tag,
} from '../../provider/index.js'
import { compressedSevenZip } from '../fixtures/compressed-seven-zip.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'
import { ADVISORY } from './injection/inputs.js'

const LOCK = new URL('../../provider/io/files/lock.js', import.meta.url).href
const DURABLE = new URL('../../provider/io/files/durable.js', import.meta.url).href

describe('what a killed run leaves', () => {
  const temporary = scratch()
  const before_ = process.env.CONTAINERIMAGE_CONFIG_DIR
  const living: ChildProcess[] = []
  let folder: string
  let store: string
  let layout: string

  beforeEach(async () => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    await install({ targets: [layout], store })
  })
  afterEach(async () => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = before_
    for (const child of living.splice(0)) {
      const over = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await over
    }
    temporary.remove()
  })

  function program(lines: string[]): string[] {
    return ['--input-type=module', '-e', lines.join('\n')]
  }

  /** A process takes a lock and is killed with it. */
  function lockDead(file: string): void {
    const lines = [`const { takeLock } = await import(${JSON.stringify(LOCK)})`]
    const dies = "process.kill(process.pid, 'SIGKILL')"
    spawnSync(process.execPath, program([...lines, `await takeLock(${JSON.stringify(file)})`, dies]))
    expect(existsSync(file)).to.equal(true)
  }

  /** A process takes a lock and keeps it. */
  async function lockLiving(file: string): Promise<void> {
    const lines = [
      `const { takeLock } = await import(${JSON.stringify(LOCK)})`,
      `await takeLock(${JSON.stringify(file)})`,
      "console.log('held')",
      'setInterval(() => {}, 1000)',
    ]
    const child = spawn(process.execPath, program(lines), { stdio: ['ignore', 'pipe', 'inherit'] })
    living.push(child)
    await new Promise((resolve) => child.stdout?.once('data', resolve))
  }

  /** A process writes what is to replace a file and is killed before it gives it the name. */
  function replaceHalf(file: string): void {
    const lines = [
      "import fs from 'node:fs/promises'",
      "import { syncBuiltinESMExports } from 'node:module'",
      "fs.rename = () => process.kill(process.pid, 'SIGKILL')",
      'syncBuiltinESMExports()',
      `const { replaceFile } = await import(${JSON.stringify(DURABLE)})`,
      `await replaceFile(${JSON.stringify(file)}, Buffer.from('half'))`,
    ]
    spawnSync(process.execPath, program(lines))
  }

  const hidden = (place: string) => readdirSync(place).filter((name) => name.startsWith('.'))

  it('of a file that it was to replace, is gone when the file is replaced the next time', async () => {
    for (const name of ['index.json', 'inventory.json']) replaceHalf(path.join(store, name))
    expect(hidden(store)).to.have.length(2)
    await tag({ store, from: 'base:1.0', to: 'base:stable' })
    expect(hidden(store), 'that of another file stays').to.have.length(1)
    await inventory({ store, path: path.join(store, 'inventory.json') })
    expect(hidden(store)).to.deep.equal([])
  })

  it('of a file, stays where its process lives, or is of another host, or where the name is the user’s', async () => {
    replaceHalf(path.join(store, 'index.json'))
    const [left = ''] = hidden(store)
    const others = [
      left.replace(/-\d+\./, `-${process.pid}.`),
      left.replace(/\.[0-9a-f]{8}-/, '.00000000-'),
      '.index.json.mine.new',
      'index.json.new',
    ]
    for (const name of others) writeFileSync(path.join(store, name), 'mine')
    await tag({ store, from: 'base:1.0', to: 'base:stable' })
    expect(readdirSync(store)).to.include.members(others).and.not.include(left)
  })

  it('of the locks of blobs, layers and sets, is gone with the next install, and what is held stays', async () => {
    const lockOf = (name: string) => path.join(store, 'ingest', `${name}.lock`)
    const dead = [`sha256-${'a'.repeat(64)}`, `sha512-${'b'.repeat(128)}`, `made-${'c'.repeat(64)}.gz`]
    const [held, heldSet] = [`sha256-${'d'.repeat(64)}`, `set-${'f'.repeat(64)}`]
    for (const name of [...dead, `set-${'e'.repeat(64)}`]) lockDead(lockOf(name))
    for (const name of [held, heldSet]) await lockLiving(lockOf(name))
    const next = path.join(folder, 'next')
    makeLayout(next, [{ refName: 'next:1.0', layers: [{ files: { one: 1000 } }] }])
    await install({ targets: [next], store })
    expect(readdirSync(path.join(store, 'ingest'))).to.have.members([`${held}.lock`, `${heldSet}.lock`])
  })

  it('of any lock in a store, is gone after a repair, which lists it; what is held stays', async () => {
    const at = (name: string): string => path.join(store, 'ingest', `${name}.lock`)
    const dead = ['index', 'media', 'receipts.jsonl', `copy-${randomUUID()}`, `sha256-${'a'.repeat(64)}`]
    for (const name of dead) lockDead(at(name))
    await lockLiving(at(`sha256-${'b'.repeat(64)}`))
    writeFileSync(at('mine'), 'not a lock of this program')
    const { leftovers } = await storeCheck({ store, repair: true })
    const removed = leftovers.filter((one) => one.removed).map((one) => one.path)
    expect(removed.sort()).to.deep.equal(dead.map(at).sort())
    const stay = ['mine.lock', `sha256-${'b'.repeat(64)}.lock`]
    expect(readdirSync(path.join(store, 'ingest')).sort()).to.deep.equal(stay)
  })

  it('of the lock of a database, is gone when a source is taken out again that is gone already', async () => {
    const database = path.join(folder, 'advisories.db')
    const advisories = path.join(folder, 'advisories.json')
    writeFileSync(advisories, JSON.stringify(ADVISORY))
    const { added } = await databaseAdd({ database, paths: [advisories] })
    const names = added.map(({ name }) => name)
    await databaseRemove({ database, names })
    lockDead(`${database}.lock`)
    await failure(databaseRemove({ database, names }), 'DATABASE_MISSING')
    expect(existsSync(`${database}.lock`)).to.equal(false)
    const nowhere = path.join(folder, 'nowhere', 'advisories.db')
    await failure(databaseRemove({ database: nowhere, names }), 'DATABASE_MISSING')
    expect(existsSync(path.dirname(nowhere)), 'nothing is made for a database that is not there').to.equal(
      false,
    )
  })

  it('of what was unpacked, is gone when something is unpacked the next time, and what is in use stays', async () => {
    const archive = path.join(folder, 'base.7z')
    await compressedSevenZip(layout, archive)
    const nameOf = (digit: string) => `unpacked-${'0'.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`
    const at = (name: string) => path.join(store, 'ingest', name)
    const [dead, unlocked, held] = [nameOf('1'), nameOf('2'), nameOf('3')]
    for (const name of [dead, unlocked, held, 'unpacked-mine']) {
      mkdirSync(path.join(at(name), 'documents'), { recursive: true })
      writeFileSync(path.join(at(name), 'documents', 'index.json'), '{}')
    }
    lockDead(at(`${dead}.lock`))
    await lockLiving(at(`${held}.lock`))
    await install({ targets: [archive], store, force: true })
    const stay = [held, `${held}.lock`, 'unpacked-mine']
    expect(readdirSync(path.join(store, 'ingest')).sort()).to.deep.equal(stay)
  })

  it('of the settings, is gone with the next change, and what is younger or the user’s stays', async () => {
    const settings = path.join(folder, 'settings')
    process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    mkdirSync(settings)
    const names = ['settings.json.tmp-1234567890abcdef', 'settings.json.tmp-99999999990a0b0c']
    const others = ['settings.json.tmp-mine', 'other.json.tmp-1234567890abcdef']
    const young = 'settings.json.tmp-5555555555aaaaaa'
    for (const name of [...names, ...others, young]) {
      writeFileSync(path.join(settings, name), '{')
      const then = new Date(Date.now() - (name === young ? 0 : 3_600_000))
      utimesSync(path.join(settings, name), then, then)
    }
    await setSetting('platform', 'linux/arm64')
    expect(readdirSync(settings).sort()).to.deep.equal([...others, young, 'settings.json'].sort())
  })

  describe('beside the folders of images', () => {
    let images: string
    const place = (name: string) => path.join(images, name)

    beforeEach(() => {
      images = path.join(folder, 'images')
      const kinds = ['.CN=A_one_1.old', '.CN=A_two_2.new', '.CN=A_held_3.new', '.CN=A_held_3.old']
      for (const name of [...kinds, 'CN=A_one_1', '.mine.old', '.CN=mine', '.CN=A_link_4.old.txt']) {
        mkdirSync(path.join(place(name), 'Files'), { recursive: true })
        writeFileSync(path.join(place(name), 'Files', 'x'), 'four')
      }
    })

    it('is gone after a prune, which counts it; what is held, whole or the user’s stays', async () => {
      lockDead(place('.CN=A_two_2.new.lock'))
      await lockLiving(place('.CN=A_held_3.new.lock'))
      const { freedBytes } = await prune({ store })
      expect(freedBytes).to.equal(8)
      const stay = [
        '.CN=A_held_3.new',
        '.CN=A_held_3.old',
        '.CN=A_held_3.new.lock',
        'CN=A_one_1',
        '.mine.old',
      ]
      expect(readdirSync(images).sort()).to.deep.equal([...stay, '.CN=mine', '.CN=A_link_4.old.txt'].sort())
    })

    it('stays with --what-if', async () => {
      const before = filesIn(images)
      await prune({ store, whatIf: true })
      expect(filesIn(images)).to.deep.equal(before)
    })
  })
})
