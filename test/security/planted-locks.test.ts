import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save } from '../../provider/index.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { makeLayout } from '../fixtures/layout.js'
import { itWithLinks } from '../links.js'
import { scratch } from '../scratch.js'

describe('what others put in the place of a lock', () => {
  const temporary = scratch()
  let folder: string
  let outside: string
  let letter: string

  beforeEach(() => {
    folder = temporary.folder()
    outside = temporary.folder()
    letter = path.join(outside, 'letter')
    writeFileSync(letter, 'Dear all')
  })
  after(() => temporary.remove())

  function expectUntouched(): void {
    expect(readdirSync(outside)).to.deep.equal(['letter'])
    expect(readFileSync(letter, 'utf8')).to.equal('Dear all')
  }

  itWithLinks('leads nowhere where it is a link: to a folder, a file, itself, and nothing', async () => {
    const targets = { folder: outside, file: letter, itself: 'itself.lock', nothing: 'none' }
    await Promise.all(
      Object.entries(targets).map(async ([name, target]) => {
        const lock = path.join(folder, `${name}.lock`)
        symlinkSync(target, lock)
        const held = await takeLock(lock)
        await held.check()
        await held.release()
      }),
    )
    expect(readdirSync(folder)).to.deep.equal([])
    expectUntouched()
  })

  it('blocks nobody where it is a pipe', async function () {
    if (process.platform === 'win32') this.skip()
    const lock = path.join(folder, 'a.lock')
    spawnSync('mkfifo', [lock])
    await (await takeLock(lock)).release()
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('is kept where it is a folder, of which the error tells', async () => {
    const lock = path.join(folder, 'a.lock')
    mkdirSync(lock)
    writeFileSync(path.join(lock, 'notes'), 'mine')
    const error = await takeLock(lock).catch((failure) => failure)
    expect(error).to.include({ code: 'IN_THE_WAY' })
    expect(readdirSync(lock)).to.deep.equal(['notes'])
  })

  itWithLinks('does not keep an archive from being saved', async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    symlinkSync(letter, path.join(folder, 'base.tar.part.lock'))
    await save({ names: [layout], path: path.join(folder, 'base.tar') })
    expect(readdirSync(folder)).to.deep.equal(['base.tar'])
    expectUntouched()
  })
})
