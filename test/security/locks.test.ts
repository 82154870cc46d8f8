import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { kernelPlace } from '../../provider/io/files/kernel-place.js'
import { isAbandoned, takeLock } from '../../provider/io/files/lock.js'
import { scratch } from '../scratch.js'

/** A lock as a process of another namespace or host leaves it, whose number says nothing here. */
const ELSEWHERE = { id: 'other', pid: 999_999, host: hostname(), place: 'another boot pid:[1]', started: '1' }

describe('locks that others hold', () => {
  const temporary = scratch()
  let file: string

  beforeEach(() => {
    file = path.join(temporary.folder(), 'x.lock')
  })

  afterEach(() => temporary.remove())

  it('are not taken for their number, where that may mean another process: a namespace or host of the same name', async () => {
    for (const holder of [
      ELSEWHERE,
      ...(kernelPlace() === undefined ? [] : [{ ...ELSEWHERE, place: undefined }]),
      { ...ELSEWHERE, pid: process.pid },
    ]) {
      writeFileSync(file, JSON.stringify(holder))
      expect(await isAbandoned(file)).to.equal(false)
    }
  })

  it('are not taken for their time, whatever clock it was written by', async () => {
    for (const seconds of [-130, 130, -86_400, 86_400 * 400]) {
      writeFileSync(file, JSON.stringify(ELSEWHERE))
      const time = new Date(Date.now() + seconds * 1000)
      utimesSync(file, time, time)
      expect(await isAbandoned(file)).to.equal(false)
    }
  })

  it('are taken where nobody touches them for long enough, and kept where somebody does', async () => {
    writeFileSync(file, JSON.stringify(ELSEWHERE))
    const lock = await takeLock(file, { patience: 100_000 })
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ pid: process.pid })
    await lock.release()
    expect(existsSync(file)).to.equal(false)
  })

  it('that are empty or torn, with a time in the future, do not need a hand', async () => {
    for (const text of ['', '{"id":"x","pi', 'null']) {
      writeFileSync(file, text)
      const future = new Date(Date.now() + 86_400_000)
      utimesSync(file, future, future)
      await (await takeLock(file)).release()
    }
  })

  it('are not waited for by the process that could not remove its own', async () => {
    const lock = await takeLock(file)
    const text = readFileSync(file)
    await lock.release()
    writeFileSync(file, text)
    await (await takeLock(file, { patience: 0 })).release()
  })
})
