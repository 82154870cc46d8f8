import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { save, verify } from '../../provider/index.js'
import { addLayered } from '../fixtures/layered-image.js'
import { tar } from '../fixtures/tar.js'
import { noise } from '../provider/formats/wim/source-tree.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))

describe('saving as a WIM', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('is killed (kill -9) while its parts are written: none of them looks whole, and it is run again', async () => {
    const layout = path.join(temporary.folder(), 'layout')
    const files = [1, 2, 3, 4].map((i) => ({ name: `file ${i}`, bytes: noise(6_000_000 + i) }))
    addLayered(layout, { name: 'base', version: '1.2.3', layers: [{ tar: tar(...files) }] })
    const stick = temporary.folder()
    const store = path.join(temporary.folder(), 'store')
    const request = { names: [layout], path: stick, store, format: 'wim' as const, splitSize: 7_000_000 }
    const child = spawn(process.execPath, [RUN_VERB, 'save', JSON.stringify(request)], { stdio: 'ignore' })
    const exited = once(child, 'exit')
    const isMoment = () => readdirSync(stick).some((name) => name.endsWith('2.swm.part'))
    const watch = setInterval(() => isMoment() && child.kill('SIGKILL'), 1)
    const [, signal] = await exited
    clearInterval(watch)
    expect(signal, 'killed in time').to.equal('SIGKILL')
    expect(readdirSync(stick).filter((name) => name.endsWith('.swm'))).to.deep.equal([])
    const saved = await save(request)
    expect(readdirSync(stick).sort()).to.deep.equal(
      saved.files.map((file) => path.basename(file.path)).sort(),
    )
    expect(saved.files.length).to.be.greaterThan(2)
    expect((await verify({ paths: [saved.files[0]?.path ?? ''] })).problems).to.deep.equal([])
  })

  it('is killed between the names of two parts: run again it replaces its own, and no part of another set', async () => {
    const layout = path.join(temporary.folder(), 'layout')
    const files = [1, 2, 3].map((i) => ({ name: `file ${i}`, bytes: noise(600_000 + i) }))
    addLayered(layout, { name: 'base', version: '1.2.3', layers: [{ tar: tar(...files) }] })
    const stick = temporary.folder()
    const store = path.join(temporary.folder(), 'store')
    const request = { names: [layout], path: stick, store, format: 'wim' as const, splitSize: 700_000 }
    const saved = (await save(request)).files.map((file) => file.path)
    const [first = '', second = '', third = ''] = saved
    const [whole, other] = [readFileSync(second), readFileSync(second)]
    const asKilled = () => renameSync(first, `${first}.part`)

    asKilled()
    expect((await save(request)).files.map((file) => file.path)).to.deep.equal(saved)
    expect(readFileSync(second).equals(whole)).to.equal(true)

    asKilled()
    rmSync(third)
    await save(request)
    expect((await verify({ paths: [first] })).problems).to.deep.equal([])

    asKilled()
    other[0x18] = (other[0x18] ?? 0) ^ 1
    writeFileSync(second, other)
    expect((await failure(save(request), 'FILE_EXISTS')).message).to.contain(second)
    expect(readFileSync(second).equals(other)).to.equal(true)

    writeFileSync(second, whole)
    writeFileSync(`${first}.part`, 'half a header')
    expect((await failure(save(request), 'FILE_EXISTS')).message).to.contain(second)
  })
})
