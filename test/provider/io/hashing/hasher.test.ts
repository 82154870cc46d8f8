import { createHash } from 'node:crypto'
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import { inParallel } from '../../../../provider/copy/in-parallel.js'
import { Hasher } from '../../../../provider/io/hashing/hasher.js'
import type { RangeJob } from '../../../../provider/io/hashing/range-job.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

const MB = 1024 * 1024
/** Such files are hashed on other threads, and such at once. */
const LARGE = 24 * MB
const SMALL = 3 * MB
/** So large that it is still under way when something else has happened. */
const ENDLESS = 8 * 1024 * MB

describe('the hasher', () => {
  const temporary = scratch()
  let folder: string
  let hasher: Hasher

  beforeEach(() => {
    folder = temporary.folder()
  })
  afterEach(async () => {
    await hasher.close()
    temporary.remove()
  })

  /** A file of no two equal pieces. */
  function file(name: string, size: number): { path: string; bytes: Buffer } {
    const bytes = Buffer.alloc(size)
    for (let at = 0; at < size; at += 4096) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at)
    const place = path.join(folder, name)
    writeFileSync(place, bytes)
    return { path: place, bytes }
  }

  function sparse(name: string): string {
    const place = path.join(folder, name)
    writeFileSync(place, '')
    truncateSync(place, ENDLESS)
    return place
  }

  function jobOf(place: string, size: number, offset = 0): RangeJob {
    return { source: { path: place, offset, size }, algorithm: 'sha256' }
  }

  /** A task that runs until the returned controller stops it. */
  function underWay(): { controller: AbortController; begun: Promise<void>; code: Promise<unknown> } {
    const controller = new AbortController()
    let code: Promise<unknown> | undefined
    const begun = new Promise<void>((resolve) => {
      const options = { signal: controller.signal, onBytes: () => resolve() }
      code = hasher.run(jobOf(sparse('endless'), ENDLESS), options).then(
        () => 'a hash',
        (error) => error.code,
      )
    })
    return { controller, begun, code: code as Promise<unknown> }
  }

  function sum(bytes: Uint8Array, algorithm = 'sha256'): string {
    return createHash(algorithm).update(bytes).digest('hex')
  }

  for (const [kind, size] of [
    ['small', SMALL],
    ['large', LARGE],
  ] as const)
    describe(`of a ${kind} file`, () => {
      it('gives the hash of the range, by any algorithm, and tells of each byte', async () => {
        hasher = new Hasher(2)
        const { path: place, bytes } = file('one', size)
        for (const algorithm of ['sha256', 'sha512', 'sha1'] as const) {
          let told = 0
          const onBytes = (count: number): void => {
            told += count
          }
          const source = { path: place, offset: 77, size: size - 100 }
          const { hex } = await hasher.run({ source, algorithm }, { onBytes })
          expect(hex).to.equal(sum(bytes.subarray(77, size - 23), algorithm))
          expect(told).to.equal(size - 100)
        }
      })

      it('sums sections in the same pass: beside each other, with gaps, empty, the whole, none', async () => {
        hasher = new Hasher(2)
        const { path: place, bytes } = file('one', size)
        for (const parts of [
          [[0, size - 100]],
          [
            [0, 10],
            [10, MB],
            [MB + 10, 0],
            [MB + 10, 1],
          ],
          [
            [5, MB - 100],
            [2 * MB - 50, 100],
            [size - 101, 1],
          ],
          [],
        ]) {
          const sections = parts.map(([from = 0, length = 0]) => ({ from, size: length }))
          const { hex, crc32s } = await hasher.run({ ...jobOf(place, size - 100, 77), sections })
          expect(hex).to.equal(sum(bytes.subarray(77, size - 23)))
          const expected = sections.map((one) =>
            crc32(bytes.subarray(77 + one.from, 77 + one.from + one.size)),
          )
          expect(crc32s).to.deep.equal(expected)
        }
      })

      it('copies in the same pass: into a new file, or to a place in one that is there', async () => {
        hasher = new Hasher(2)
        const { path: place, bytes } = file('one', size)
        const made = path.join(folder, 'made')
        const target = { path: made, offset: 0, create: true, writesBack: true }
        expect(await hasher.run({ ...jobOf(place, size), target })).to.deep.equal({ hex: sum(bytes) })
        expect(readFileSync(made).equals(bytes)).to.equal(true)
        const into = path.join(folder, 'into')
        writeFileSync(into, Buffer.alloc(size + 20, 1))
        const inside = { path: into, offset: 10, create: false, writesBack: false }
        await hasher.run({ ...jobOf(place, size), target: inside })
        const expected = Buffer.concat([Buffer.alloc(10, 1), bytes, Buffer.alloc(10, 1)])
        expect(readFileSync(into).equals(expected)).to.equal(true)
      })

      it('has none where the file ends before the range does, and says where', async () => {
        hasher = new Hasher(2)
        const { path: place } = file('one', size)
        for (const [offset, bytes] of [
          [1, size - 1],
          [size - 5, 5],
          [size, 0],
          [3 * size, 0],
        ] as const) {
          const error = await failure(hasher.run(jobOf(place, size, offset)), 'SIZE_MISMATCH')
          expect(error.details).to.deep.equal({ path: place, bytes })
          expect(error.side).to.equal('source')
        }
      })

      it('tells a source that cannot be read from a target that cannot be written', async () => {
        hasher = new Hasher(2)
        const { path: place } = file('one', size)
        const gone = await failure(hasher.run(jobOf(`${place}.gone`, size)), 'PATH_NOT_FOUND')
        expect(gone).to.include({ side: 'source' })
        const target = { path: path.join(folder, 'none', 'made'), offset: 0, create: true, writesBack: false }
        const error = await failure(hasher.run({ ...jobOf(place, size), target }), 'PATH_NOT_FOUND')
        expect(error).to.include({ side: 'destination' })
      })

      it('begins nothing when it is to stop already', async () => {
        hasher = new Hasher(2)
        const { path: place } = file('one', size)
        const made = path.join(folder, 'made')
        const target = { path: made, offset: 0, create: true, writesBack: false }
        const options = { signal: AbortSignal.abort() }
        await failure(hasher.run({ ...jobOf(place, size), target }, options), 'INTERRUPTED')
        expect(existsSync(made)).to.equal(false)
      })
    })

  it('ends the task that is to stop, and no other at its side', async () => {
    hasher = new Hasher(2)
    const { path: place, bytes } = file('one', LARGE)
    const other = underWay()
    await other.begun
    const beside = hasher.run(jobOf(place, LARGE))
    other.controller.abort()
    expect(await other.code).to.equal('INTERRUPTED')
    expect(await beside).to.deep.equal({ hex: sum(bytes) })
  })

  it('hashes whole what comes after a task that was to stop', async () => {
    hasher = new Hasher(1)
    const { path: place, bytes } = file('one', LARGE)
    for (let i = 0; i < 3; i++) {
      const other = underWay()
      await other.begun
      const behind = hasher.run(jobOf(place, LARGE))
      other.controller.abort()
      expect(await other.code).to.equal('INTERRUPTED')
      expect(await behind).to.deep.equal({ hex: sum(bytes) })
    }
  })

  it('hashes whole what comes after tasks of which one failed and ended the others', async () => {
    hasher = new Hasher(3)
    const { path: place, bytes } = file('one', LARGE)
    const jobs = [jobOf(sparse('a'), ENDLESS), jobOf(sparse('b'), ENDLESS), jobOf(`${place}.gone`, LARGE)]
    const all = inParallel(jobs, 3, undefined, async (job, signal) => {
      await hasher.run(job, { signal })
    })
    await failure(all, 'PATH_NOT_FOUND')
    const again = await Promise.all([1, 2, 3, 4, 5].map(() => hasher.run(jobOf(place, LARGE))))
    expect(again.map(({ hex }) => hex)).to.deep.equal(Array(5).fill(sum(bytes)))
  })

  it('ends a task that waits for its turn at once, and before it has written anything', async () => {
    hasher = new Hasher(1)
    const { path: place } = file('one', LARGE)
    const other = underWay()
    await other.begun
    const controller = new AbortController()
    const made = path.join(folder, 'made')
    const target = { path: made, offset: 0, create: true, writesBack: false }
    const waiting = hasher.run({ ...jobOf(place, LARGE), target }, { signal: controller.signal })
    controller.abort()
    await failure(waiting, 'INTERRUPTED')
    expect(existsSync(made)).to.equal(false)
    other.controller.abort()
    expect(await other.code).to.equal('INTERRUPTED')
  })

  it('says why a task was to stop', async () => {
    hasher = new Hasher(1)
    const controller = new AbortController()
    const reason = new Error('the stick was pulled')
    const options = { signal: controller.signal, onBytes: () => controller.abort(reason) }
    const error = await failure(hasher.run(jobOf(sparse('a'), ENDLESS), options), 'INTERRUPTED')
    expect(error.cause).to.equal(reason)
  })

  it('leaves nobody waiting when it is closed', async () => {
    hasher = new Hasher(1)
    const { path: place } = file('one', LARGE)
    const other = underWay()
    await other.begun
    const waiting = [1, 2, 3].map(() => failure(hasher.run(jobOf(place, LARGE)), 'INTERRUPTED'))
    await hasher.close()
    await Promise.all(waiting)
    expect(await other.code).to.equal('INTERRUPTED')
  })

  it('goes on with the next task after one that failed', async () => {
    hasher = new Hasher(1)
    const { path: place, bytes } = file('one', LARGE)
    const jobs = [jobOf(`${place}.gone`, LARGE), jobOf(place, LARGE, 5), jobOf(place, LARGE)]
    const results = await Promise.allSettled(jobs.map((job) => hasher.run(job)))
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'fulfilled'])
    expect(results[2])
      .to.include({ status: 'fulfilled' })
      .and.to.have.deep.property('value', { hex: sum(bytes) })
  })
})
