import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { pause } from '../../../../provider/io/pause.js'
import { Pool, type TaskOptions } from '../../../../provider/io/threads/pool.js'
import { WORKER_PROGRAMS, type WorkerName } from '../../../../provider/io/threads/worker-programs.js'
import { scratch } from '../../../scratch.js'
import { sourceFiles } from '../../../source-files.js'
import { failure } from '../../verbs/failure.js'
import type { Work } from './pool-worker.js'

const NAME = 'test' as WorkerName
const PROGRAM = new URL('./pool-worker.js', import.meta.url)
const ENDLESS: Work = { do: 'work until it is stopped' }
const WHICH: Work = { do: 'say which thread it is' }

describe('the pool of threads', () => {
  const temporary = scratch()
  let pool: Pool | undefined

  before(() => {
    WORKER_PROGRAMS[NAME] = PROGRAM
  })
  after(() => {
    delete (WORKER_PROGRAMS as Partial<typeof WORKER_PROGRAMS>)[NAME]
  })
  afterEach(async () => {
    await pool?.close()
    temporary.remove()
  })

  function poolOf(size: number, depth = 1): void {
    pool = new Pool(NAME, { size, depth })
  }

  function run<Answer>(work: Work, options?: TaskOptions<string>): Promise<Answer> {
    if (!pool) throw new Error('a test makes its pool first')
    return pool.run<Answer, string>(work, options)
  }

  interface UnderWay {
    controller: AbortController
    begun: Promise<void>
    /** The code that it ends with. */
    code: Promise<unknown>
    error: Promise<Error>
  }

  /** A task that works until it is stopped. */
  function underWay(options: TaskOptions<string> = {}): UnderWay {
    const controller = new AbortController()
    let code: Promise<unknown> | undefined
    let error: Promise<Error> | undefined
    const begun = new Promise<void>((resolve) => {
      const { signal } = controller
      error = run(ENDLESS, { ...options, signal, onNote: () => resolve() }).then(
        () => new Error('it ended by itself'),
        (one) => one,
      )
      code = error.then((one) => (one as NodeJS.ErrnoException).code)
    })
    return { controller, begun, code, error } as unknown as UnderWay
  }

  it('is the only one that starts threads, or speaks to them', () => {
    const found = [...sourceFiles()].filter(([, text]) => /new Worker\b|parentPort/.test(text))
    expect(found.map(([file]) => file)).to.have.members([
      'provider/io/threads/pool.ts',
      'provider/io/threads/serve.ts',
    ])
  })

  it('gives each task the answer to it', async () => {
    poolOf(2)
    const values = ['a', { b: [1, 2] }, undefined, Buffer.from('c')]
    const answers = await Promise.all(values.map((value) => run({ do: 'answer', value })))
    expect(answers.slice(0, 3)).to.deep.equal(values.slice(0, 3))
    expect(Buffer.from(answers[3] as Uint8Array).toString()).to.equal('c')
  })

  it('starts no more workers than it may, and none while there is nothing to do', async () => {
    const started: unknown[] = []
    const note = (worker: unknown): unknown => started.push(worker)
    process.on('worker', note)
    try {
      poolOf(2)
      expect(started).to.have.length(0)
      const one = await run(WHICH)
      expect(await run(WHICH)).to.equal(one)
      expect(started).to.have.length(1)
      const threads = await Promise.all(Array.from({ length: 9 }, () => run(WHICH)))
      expect(new Set(threads).size).to.equal(2)
      expect(started).to.have.length(2)
    } finally {
      process.off('worker', note)
    }
  })

  it('hands buffers over without a copy, there and back', async () => {
    poolOf(1)
    const bytes = new Uint8Array([1, 2, 3])
    const back = await run({ do: 'hand over', bytes }, { transfer: [bytes.buffer] })
    expect(bytes.length).to.equal(0)
    expect(back).to.deep.equal(new Uint8Array([1, 2, 3]))
  })

  it('tells of every byte, and in fewer messages than there are pieces', async () => {
    poolOf(1)
    const counts = Array.from({ length: 100 }, () => 1_000_001)
    const told: number[] = []
    await run({ do: 'work on bytes', counts }, { onBytes: (count) => told.push(count) })
    expect(told.reduce((a, b) => a + b, 0)).to.equal(100_000_100)
    expect(told.length).to.be.lessThan(20)
  })

  it('stops the task whose signal is aborted, says why, and leaves the others going', async () => {
    poolOf(2)
    const first = underWay()
    const second = underWay()
    await Promise.all([first.begun, second.begun])
    const reason = new Error('the stick was pulled')
    first.controller.abort(reason)
    expect(await first.code).to.equal('INTERRUPTED')
    expect((await first.error).cause).to.equal(reason)
    // The first's worker is free again, and the second is still there to be stopped.
    expect(await run({ do: 'answer', value: 5 })).to.equal(5)
    second.controller.abort()
    expect(await second.code).to.equal('INTERRUPTED')
  })

  it('has the worker of a task that was stopped go on with the next one', async () => {
    poolOf(1)
    const thread = await run(WHICH)
    for (let i = 0; i < 3; i++) {
      const other = underWay()
      await other.begun
      const behind = run(WHICH)
      other.controller.abort()
      expect(await other.code).to.equal('INTERRUPTED')
      expect(await behind).to.equal(thread)
    }
  })

  it('stops all tasks of one signal, with one listener for them and none afterwards', async () => {
    poolOf(2)
    const controller = new AbortController()
    const { signal } = controller
    const listeners = (): number => getEventListeners(signal, 'abort').length
    await run({ do: 'answer' }, { signal })
    expect(listeners()).to.equal(0)
    const tasks = Array.from({ length: 20 }, () => failure(run(ENDLESS, { signal }), 'INTERRUPTED'))
    expect(listeners()).to.equal(1)
    const other = run(WHICH)
    controller.abort()
    await Promise.all(tasks)
    expect(listeners()).to.equal(0)
    expect(await other).to.be.a('number')
  })

  it('ends a task that waits for its turn at once, and never begins it', async () => {
    poolOf(1)
    const other = underWay()
    await other.begun
    const notes: string[] = []
    const controller = new AbortController()
    const options = { signal: controller.signal, onNote: (note: string) => notes.push(note) }
    const waiting = run({ do: 'answer' }, options)
    controller.abort()
    await failure(waiting, 'INTERRUPTED')
    await failure(run({ do: 'answer' }, options), 'INTERRUPTED')
    other.controller.abort()
    await other.code
    await run({ do: 'answer' })
    expect(notes).to.deep.equal([])
  })

  it('never begins a task that was stopped behind another one, in the hands of the same worker', async () => {
    poolOf(1, 2)
    const first = underWay()
    await first.begun
    const notes: string[] = []
    const controller = new AbortController()
    const options = { signal: controller.signal, onNote: (note: string) => notes.push(note) }
    const second = failure(run({ do: 'answer' }, options), 'INTERRUPTED')
    controller.abort()
    first.controller.abort()
    await second
    expect(notes).to.deep.equal([])
  })

  it('brings an error over with its code, its side, both sides of the comparison and its details', async () => {
    poolOf(1)
    const error = await failure(run({ do: 'refuse' }), 'ARCHIVE_INVALID')
    const { message, side, expected, found, details } = error
    expect({ message, side, expected, found, details }).to.deep.equal({
      ...{ message: 'It is not a tar.', side: 'source', expected: 'a tar', found: 'a zip' },
      details: { at: 512 },
    })
    const full = await failure(run({ do: 'meet a full disk' }), 'NO_SPACE')
    expect(full.side).to.equal('destination')
    expect(full.message).to.equal('Writing the layer: the disk is full.')
    expect(await run({ do: 'answer', value: 6 })).to.equal(6)
  })

  it('fails the task alone that cannot be handed over', async () => {
    poolOf(1)
    const error = await run<unknown>({ do: 'answer', value: () => {} }).catch((one) => one)
    expect((error as Error).name).to.equal('DataCloneError')
    expect(await run({ do: 'answer', value: 7 })).to.equal(7)
  })

  for (const [how, work, why] of [
    ['exits', { do: 'exit' }, /"test" ended before its task: exit code 3/],
    ['breaks', { do: 'throw where nobody catches' }, /"test" ended before its task: a fault/],
  ] as const)
    it(`names the program of a worker that ${how}, and has another one do the rest`, async () => {
      poolOf(1)
      const thread = await run(WHICH)
      const lost = run(work).then(
        () => 'an answer',
        (error) => error.message,
      )
      const behind = run(WHICH)
      expect(await lost).to.match(why)
      expect(await behind).not.to.equal(thread)
    })

  it('does nothing more for those who count on what a worker kept that is lost', async () => {
    poolOf(2)
    const [one, two] = await Promise.all([run(WHICH, { on: 0 }), run(WHICH, { on: 1 })])
    expect(await run(WHICH, { on: 1 })).to.equal(two)
    await run({ do: 'exit' }, { on: 0 }).catch(() => {})
    const late = await run(WHICH, { on: 0 }).catch((error) => error.message)
    expect(late).to.match(/"test" ended/)
    expect(await run(WHICH, { on: 1 })).to.equal(two)
    const others = await Promise.all([run(WHICH), run(WHICH)])
    expect(others).to.include(two).and.not.to.include(one)
  })

  it('gives each task a worker of its own where that is wanted, and ends it with the task', async () => {
    pool = new Pool(NAME, { size: 1, isFresh: true })
    const threads = await Promise.all([run(WHICH), run(WHICH), run(WHICH)])
    expect(new Set(threads).size).to.equal(3)
    const other = underWay()
    await other.begun
    other.controller.abort()
    expect(await other.code).to.equal('INTERRUPTED')
    expect(threads).not.to.include(await run(WHICH))
  })

  it('leaves nobody waiting when it is closed, and begins nothing any more', async () => {
    poolOf(1, 2)
    const busy = underWay()
    await busy.begun
    const behind = [1, 2, 3].map(() => failure(run({ do: 'answer' }), 'INTERRUPTED'))
    const reason = new Error('enough')
    await pool?.close(reason)
    expect(await busy.code).to.equal('INTERRUPTED')
    expect((await busy.error).cause).to.equal(reason)
    for (const error of await Promise.all(behind)) expect(error.cause).to.equal(reason)
    await failure(run({ do: 'answer' }), 'INTERRUPTED')
  })

  it('lets a task that is told to stop come to its end when it is closed, and waits for no other', async () => {
    poolOf(2)
    const told: string[] = []
    const onNote = (note: string): unknown => told.push(note)
    const works = ['work until it is stopped, and put things in order', 'work for ever'] as const
    const ended = works.map((work) => run({ do: work }, { onNote }).catch((error) => error.code))
    while (told.length < 2) await pause(1)
    await pool?.close()
    expect(told).to.deep.equal(['begun', 'begun', 'in order'])
    expect(await Promise.all(ended)).to.deep.equal([undefined, 'INTERRUPTED'])
  })

  /** What a program of its own prints that has a pool of this worker. */
  async function printedBy(lines: string): Promise<string> {
    const folder = new URL('../../../../provider/io/threads/', import.meta.url)
    const script = `
      import { Pool } from ${JSON.stringify(new URL('pool.js', folder))}
      import { WORKER_PROGRAMS } from ${JSON.stringify(new URL('worker-programs.js', folder))}
      WORKER_PROGRAMS.test = new URL(${JSON.stringify(PROGRAM)})
      ${lines}`
    const file = path.join(temporary.folder(), 'program.mjs')
    writeFileSync(file, script)
    return (await promisify(execFile)(process.execPath, [file], { timeout: 60_000 })).stdout
  }

  it('does not keep a process alive that has nothing more to do', async () => {
    const lines = `
      const pool = new Pool('test', { size: 2 })
      console.log(await pool.run({ do: 'answer', value: 'done' }))`
    expect(await printedBy(lines)).to.equal('done\n')
  })

  it('keeps the process until its threads have ended, also if one answers while it is closed', async () => {
    const lines = `
      const pool = new Pool('test', { size: 1 })
      let closed
      const onNote = () => {
        closed ??= pool.close().then(() => console.log('closed'))
      }
      await pool.run({ do: 'answer' }, { onNote }).catch(() => {})
      await closed`
    expect(await printedBy(lines)).to.equal('closed\n')
  })
})
