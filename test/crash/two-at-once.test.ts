import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { install, prune, save, verify } from '../../provider/index.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { copyFile } from '../../provider/io/hashing/copy-file.js'
import { Hasher } from '../../provider/io/hashing/hasher.js'
import { createRecovery, repair } from '../../provider/recovery/index.js'
import { removeSilentLocks } from '../../provider/store/dead-locks.js'
import { Places } from '../../provider/store/places.js'
import { addBlob, makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))
const ELSEWHERE = JSON.stringify({ id: 'x', pid: 4711, host: 'elsewhere', place: 'another boot pid:[1]' })

describe('two at once', () => {
  const temporary = scratch()
  let layout: string

  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [1, 2].map((i) => ({ files: { [i]: 2_000_000 } })) }])
  })
  after(() => temporary.remove())

  async function runVerb(verb: string, request: object): Promise<void> {
    expect(await codeOf(verb, request, 'inherit')).to.equal(0)
  }

  async function codeOf(
    verb: string,
    request: object,
    errors: 'inherit' | 'ignore' = 'ignore',
  ): Promise<unknown> {
    const child = spawn(process.execPath, [RUN_VERB, verb, JSON.stringify(request)], {
      stdio: ['ignore', 'ignore', errors],
    })
    return await new Promise((resolve) => child.once('close', resolve))
  }

  it('copy other files to one name: it is one of them, whole', async () => {
    const folder = temporary.folder()
    const sources = ['a', 'b', 'c', 'd'].map((letter) => {
      const file = path.join(mkdtempSync(path.join(folder, 'from-')), 'file')
      writeFileSync(file, letter.repeat(3_000_000))
      return file
    })
    const target = path.join(temporary.folder(), 'file')
    const hasher = new Hasher()
    try {
      await Promise.all(sources.map((source) => copyFile(source, target, { hasher })))
    } finally {
      await hasher.close()
    }
    expect(readFileSync(target, 'utf8')).to.match(/^(.)\1{2999999}$/)
    expect(readdirSync(path.dirname(target))).to.deep.equal(['file'])
  })

  it('take in volumes of one set, each from a stick of its own: the last of them has it whole', async () => {
    const [all, store] = [temporary.folder(), path.join(temporary.folder(), 'store')]
    await save({ names: [layout], path: all, volumeSize: 1_100_000 })
    const sticks = readdirSync(all).map((name) => {
      const stick = temporary.folder()
      renameSync(path.join(all, name), path.join(stick, name))
      return stick
    })
    expect(sticks.length).to.be.greaterThan(3)
    const ends = await Promise.all(sticks.map((stick) => codeOf('install', { targets: [stick], store })))
    // Whoever came last found the others there.
    expect(ends.filter((code) => code === 0)).to.have.length(1)
    expect((await verify({ store })).problems).to.deep.equal([])
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
  })

  it('write one set of volumes, one of them all and others one alone', async () => {
    const [undisturbed, stick] = [temporary.folder(), temporary.folder()]
    const request = { names: [layout], volumeSize: 1_100_000 }
    await save({ ...request, path: undisturbed })
    await Promise.all([
      runVerb('save', { ...request, path: stick }),
      runVerb('save', { ...request, path: stick, onlyVolume: 3 }),
      runVerb('save', { ...request, path: stick, onlyVolume: 2 }),
    ])
    expect(contents(stick)).to.deep.equal(contents(undisturbed))
  })

  it('make recovery files of one name: one does, and the others say that they are there', async () => {
    const folder = temporary.folder()
    const files = ['one', 'two', 'three']
    for (const name of files) writeFileSync(path.join(folder, name), name.repeat(300_000))
    const runs = [1, 2, 3].map(() =>
      createRecovery({ folder, files, base: 'all', redundancy: 0.5 }).then(
        () => 'made',
        (error) => error.code,
      ),
    )
    expect((await Promise.all(runs)).sort()).to.deep.equal(['FILE_EXISTS', 'FILE_EXISTS', 'made'])
    writeFileSync(path.join(folder, 'two'), 'damaged')
    const repairs = await Promise.all([1, 2].map(() => repair(folder, { keepDamaged: true })))
    expect(repairs.flatMap(({ repaired }) => repaired)).to.deep.equal(['two'])
    expect(readFileSync(path.join(folder, 'two'), 'utf8')).to.equal('two'.repeat(300_000))
    expect(readFileSync(path.join(folder, 'two.damaged'), 'utf8')).to.equal('damaged')
    expect(readdirSync(folder).filter((name) => /part|lock|damaged\./.test(name))).to.deep.equal([])
  })

  it('one of them killed in another container: what it protected is pruned all the same', async () => {
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [layout], store })
    const { digest } = addBlob(store, 'text/plain', Buffer.from('on its way'))
    const ingest = path.join(store, 'ingest')
    const names = ['copy-1-01234567-89ab-cdef-0123-456789abcdef.lock', `sha256-${digest.slice(7)}.lock`]
    for (const name of names) writeFileSync(path.join(ingest, name), ELSEWHERE)
    writeFileSync(path.join(ingest, `sha256-${digest.slice(7)}`), 'half')
    await removeSilentLocks(new Places(store), { silence: 1500 })
    expect((await prune({ store })).removed.map((blob) => blob.digest)).to.deep.equal([digest])
    expect(readdirSync(ingest)).to.deep.equal([])
  })

  it('one of them at work in another container: prune takes nothing from it', async () => {
    const store = path.join(temporary.folder(), 'store')
    await install({ targets: [layout], store })
    const copy = path.join(store, 'ingest', 'copy-1-01234567-89ab-cdef-0123-456789abcdef.lock')
    addBlob(store, 'text/plain', Buffer.from('on its way'))
    writeFileSync(copy, ELSEWHERE)
    let seconds = 0
    const beating = setInterval(() => utimesSync(copy, seconds, seconds++), 500)
    try {
      expect((await prune({ store })).removed).to.deep.equal([])
    } finally {
      clearInterval(beating)
    }
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([path.basename(copy)])
  })

  it('ask for one lock, many times: one has it at a time', async () => {
    const file = path.join(temporary.folder(), 'a.lock')
    let [holders, most] = [0, 0]
    const one = async (): Promise<void> => {
      const held = await takeLock(file)
      most = Math.max(most, ++holders)
      await new Promise((resolve) => setTimeout(resolve, 2))
      holders--
      await held.release()
    }
    await Promise.all(Array.from({ length: 20 }, one))
    expect(most).to.equal(1)
    expect(readdirSync(path.dirname(file))).to.deep.equal([])
  })

  function contents(folder: string): Record<string, string> {
    return Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'latin1')]),
    )
  }
})
