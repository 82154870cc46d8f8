import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { isAbandoned, takeLock } from '../../../../provider/io/files/lock.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

describe('a lock that a process of another host holds', () => {
  const temporary = scratch()
  let file: string

  beforeEach(() => {
    file = path.join(temporary.folder(), 'x.lock')
  })
  afterEach(() => temporary.remove())

  /** With a number that no process of this host has, that of this one, and that of the first. */
  for (const pid of [2 ** 22 + 5, process.pid, 1])
    describe(`with the number ${pid === process.pid ? 'of this one' : pid}`, () => {
      beforeEach(() => {
        writeFileSync(file, JSON.stringify({ id: 'other', pid, host: 'another.example' }))
      })

      it('is kept at first sight, and told of', async () => {
        expect(await isAbandoned(file)).to.equal(false)
        const error = await failure(takeLock(file, { patience: 0 }), 'STORE_LOCKED')
        expect(error.found).to.equal(`process ${pid} on another host`)
      })

      it('is taken when it was silent for long enough', async () => {
        const lock = await takeLock(file, { silence: 200, patience: 50_000 })
        expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ pid: process.pid })
        await lock.release()
      })
    })
})
