import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { get, install } from '../../provider/index.js'
import { kernelPlace } from '../../provider/io/files/kernel-place.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { makeLayout } from '../fixtures/layout.js'
import { describeWithNamespaces, inNamespace } from '../peers/namespaces.js'
import { scratch } from '../scratch.js'

const HOLDER = fileURLToPath(new URL('./lock-holder.js', import.meta.url))
const LOCK = new URL('../../provider/io/files/lock.js', import.meta.url).href
const [MINUTE, DAY] = [60_000, 24 * 3600 * 1000]
/** How many names each of two processes gives; more take long, as each reads all before it. */
const NAMES = Number(process.env.LOCK_NAMES ?? 40)
/** Much less than an owner may be silent, where it is known to be so. */
const SOON = { silence: 1500, patience: 2 * MINUTE }

interface Holder {
  child: ChildProcess
  /** What it prints next. */
  says(): Promise<string>
  goOn(): void
  ended: Promise<number | null>
}

const started: ChildProcess[] = []

function start(command: string[], clock?: string): Holder {
  const [program = '', ...args] = command
  const env = { ...process.env, ...(clock === undefined ? {} : { CLOCK: clock }) }
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  started.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    says: async () => String((await lines.next()).value),
    goOn: () => child.stdin.write('\n'),
    ended: once(child, 'exit').then(([code]) => code),
  }
}

function holder(mode: string, ...args: (string | number)[]): string[] {
  return [process.execPath, HOLDER, mode, ...args.map(String)]
}

function script(text: string): string[] {
  return [process.execPath, '--input-type=module', '-e', text]
}

function endAll(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL')
}

describe('a lock', function () {
  this.timeout(10 * MINUTE)
  const temporary = scratch()
  let lock: string
  let target: string

  beforeEach(() => {
    const folder = temporary.folder()
    lock = path.join(folder, 'a.lock')
    target = path.join(folder, 'target')
  })
  afterEach(endAll)
  after(() => temporary.remove())

  function beside(): string[] {
    return readdirSync(path.dirname(lock)).sort()
  }

  it('lets two processes count to 600 together', async () => {
    const both = [1, 2].map(() => start(holder('count', lock, target, 300)))
    expect(await Promise.all(both.map(({ ended }) => ended))).to.deep.equal([0, 0])
    expect(readFileSync(target, 'utf8')).to.equal('600')
    expect(beside()).to.deep.equal(['target'])
  })

  it('is taken at once from a process that was killed, whether or not it was buried', async function () {
    if (process.platform !== 'linux') this.skip()
    const killed = start(holder('hold', lock, target))
    await killed.says()
    killed.child.kill('SIGKILL')
    await killed.ended
    await (await takeLock(lock, { patience: 0 })).release()
    // The shell becomes a program that never asks what its children did.
    const unburied = start(['sh', '-c', `"$0" "$@" & exec sleep 600`, ...holder('hold', lock, target)])
    await unburied.says()
    process.kill(JSON.parse(readFileSync(lock, 'utf8')).pid, 'SIGKILL')
    // A busy machine lets it run on for a moment; the patience is less than the silence that would tell by itself.
    await (await takeLock(lock, { patience: 20_000 })).release()
    expect(beside()).to.deep.equal(['target.begun'])
  })

  it('is left to a process of this kernel that is stopped, however long, and serves it when it goes on', async function () {
    if (process.platform !== 'linux') this.skip()
    const stopped = start(holder('hold', lock, target))
    await stopped.says()
    stopped.child.kill('SIGSTOP')
    const error = await takeLock(lock, { patience: 4000, silence: 500 }).catch((failure) => failure)
    expect(error).to.include({ code: 'STORE_LOCKED', found: `process ${stopped.child.pid}` })
    stopped.child.kill('SIGCONT')
    stopped.goOn()
    expect([await stopped.says(), await stopped.says()]).to.deep.equal(['done', 'done'])
  })

  /** As a system leaves it that does not say when a process began. */
  it('is not held for ever by a number that another process has now', async () => {
    const place = kernelPlace()
    const reused = { id: 'x', pid: process.ppid, host: hostname(), ...(place ? { place } : {}) }
    writeFileSync(lock, JSON.stringify(reused))
    const early = await takeLock(lock, { patience: 0 }).catch((error) => error)
    expect(early).to.include({ code: 'STORE_LOCKED' })
    await (await takeLock(lock, SOON)).release()
    expect(beside()).to.deep.equal([])
  })

  it('is left to a process of which only the number is known, while it touches its lock', async () => {
    const place = kernelPlace()
    const living = { id: 'x', pid: process.ppid, host: hostname(), ...(place ? { place } : {}) }
    writeFileSync(lock, JSON.stringify(living))
    // Whatever its clock says.
    const beating = setInterval(() => utimesSync(lock, new Date(0), new Date(Math.random() * 1e12)), 200)
    try {
      const error = await takeLock(lock, { silence: 5000, patience: 15_000 }).catch((failure) => failure)
      expect(error).to.include({ code: 'STORE_LOCKED' })
    } finally {
      clearInterval(beating)
    }
  })

  for (const [name, text] of Object.entries({
    empty: '',
    torn: '{"id":"x","pid":12',
    'of another host': JSON.stringify({ id: 'x', pid: 1, host: 'elsewhere' }),
    'of another namespace': JSON.stringify({
      id: 'x',
      pid: process.pid,
      host: hostname(),
      place: 'b pid:[1]',
    }),
  }))
    for (const days of [-40, 0, 400])
      it(`is taken where an earlier run left one that is ${name}, with a time of ${days} days from now`, async () => {
        writeFileSync(lock, text)
        const time = new Date(Date.now() + days * DAY)
        utimesSync(lock, time, time)
        await (await takeLock(lock, SOON)).release()
        expect(beside()).to.deep.equal([])
      })

  it('is not waited for by the process that could not remove it', async () => {
    const text = `
      import fs from 'node:fs/promises'
      import { syncBuiltinESMExports } from 'node:module'
      const { rm } = fs
      fs.rm = async () => { throw Object.assign(new Error('no'), { code: 'EACCES' }) }
      syncBuiltinESMExports()
      const { takeLock } = await import(${JSON.stringify(LOCK)})
      await (await takeLock(${JSON.stringify(lock)})).release().catch(() => {})
      fs.rm = rm
      syncBuiltinESMExports()
      await (await takeLock(${JSON.stringify(lock)}, { patience: 0 })).release()`
    expect(await start(script(text)).ended).to.equal(0)
    expect(existsSync(lock)).to.equal(false)
  })

  it('is made at once where the file system knows no links', async () => {
    for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EISDIR']) {
      const text = `
        import fs from 'node:fs/promises'
        import { syncBuiltinESMExports } from 'node:module'
        fs.link = async () => { throw Object.assign(new Error('no'), { code: ${JSON.stringify(code)} }) }
        syncBuiltinESMExports()
        const { takeLock } = await import(${JSON.stringify(LOCK)})
        const lock = await takeLock(${JSON.stringify(lock)})
        await lock.check()
        const second = await takeLock(${JSON.stringify(lock)}, { patience: 0 }).catch((error) => error)
        await lock.release()
        process.exit(second.code === 'STORE_LOCKED' ? 0 : 1)`
      expect(await start(script(text)).ended, code).to.equal(0)
      expect(beside(), code).to.deep.equal([])
    }
  })

  it('is made at once where its name is too long for another one beside it', async () => {
    const long = path.join(path.dirname(lock), `${'n'.repeat(240)}.lock`)
    const held = await takeLock(long)
    await held.check()
    await held.release()
    expect(beside()).to.deep.equal([])
  })

  it('leaves nothing without its holder, whenever the process is killed', async function () {
    if (process.platform === 'win32') this.skip()
    for (const [call, when] of [
      ['link', 'before'],
      ['link', 'after'],
      ['rm', 'before'],
    ]) {
      const text = `
        import fs from 'node:fs/promises'
        import { syncBuiltinESMExports } from 'node:module'
        const call = fs[${JSON.stringify(call)}]
        fs[${JSON.stringify(call)}] = async (...args) => {
          if (${JSON.stringify(when)} === 'after') await call(...args)
          process.kill(process.pid, 'SIGKILL')
          await new Promise(() => {})
        }
        syncBuiltinESMExports()
        const { takeLock } = await import(${JSON.stringify(LOCK)})
        setInterval(() => {}, 1000)
        await takeLock(${JSON.stringify(lock)})`
      await start(script(text)).ended
      if (existsSync(lock)) expect(JSON.parse(readFileSync(lock, 'utf8'))).to.have.property('id')
      expect(beside(), `${when} ${call}`).to.not.deep.equal([])
      // The next one may have another name: that of a copy on its way is given only once.
      await (await takeLock(path.join(path.dirname(lock), 'b.lock'))).release()
      await (await takeLock(lock)).release()
      expect(beside(), `${when} ${call}`).to.deep.equal([])
    }
  })

  it('is lost to whoever has it by now, or with its file', async () => {
    const held = await takeLock(lock)
    await held.check()
    const own = readFileSync(lock, 'utf8')
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(own), id: 'another', pid: 4711 }))
    const error = await held.check().catch((failure) => failure)
    expect(error).to.include({ code: 'LOCK_LOST', exitCode: 5, found: 'process 4711' })
    expect(error.remedy).to.equal('Run the command again.')
    await held.release()
    expect(existsSync(lock), 'that of the next holder stays').to.equal(true)
    rmSync(lock)
    expect(await held.check().catch((failure) => failure)).to.include({ code: 'LOCK_LOST', found: 'no lock' })
  })
})

describeWithNamespaces('a lock between containers and hosts', function () {
  this.timeout(20 * MINUTE)
  const temporary = scratch()
  afterEach(endAll)
  after(() => temporary.remove())

  /** What each of the two sides is, with its clock. */
  const sides: Record<string, [string | undefined, string]> = {
    'of the same name': [undefined, '0'],
    'of the same name, one clock 130 s ahead': [undefined, '130000'],
    'of other names, one clock a day behind': ['other', String(-DAY)],
    'of the same name, one clock that jumps': [undefined, 'jumping'],
  }
  for (const [name, [host, clock]] of Object.entries(sides)) {
    it(`lets two of them count to 600 together: ${name}`, async () => {
      const folder = temporary.folder()
      const count = holder('count', path.join(folder, 'a.lock'), path.join(folder, 'number'), 300)
      const both = [start(inNamespace(count)), start(inNamespace(count, host), clock)]
      expect(await Promise.all(both.map(({ ended }) => ended))).to.deep.equal([0, 0])
      expect(readFileSync(path.join(folder, 'number'), 'utf8')).to.equal('600')
      expect(readdirSync(folder)).to.deep.equal(['number'])
    })

    it(`loses none of the names that two of them give: ${name}`, async () => {
      const store = await storeWithBase()
      const give = (prefix: string): string[] => holder('tag', store, prefix, NAMES)
      const both = [start(inNamespace(give('one'))), start(inNamespace(give('other'), host), clock)]
      expect(await Promise.all(both.map(({ ended }) => ended))).to.deep.equal([0, 0])
      const given = (await get({ store })).map(({ tag }) => tag).filter((tag) => /^(one|other)-/.test(tag))
      expect(given).to.have.length(2 * NAMES)
      expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    })
  }

  it('is taken from one that was killed there', async () => {
    const lock = path.join(temporary.folder(), 'a.lock')
    const { child, says } = start(inNamespace(holder('hold', lock, `${lock}.target`)))
    await says()
    child.kill('SIGKILL')
    await (await takeLock(lock, SOON)).release()
    expect(existsSync(lock)).to.equal(false)
  })

  it('is taken from one that is stopped for long, which then publishes nothing', async () => {
    const folder = temporary.folder()
    const [lock, target] = [path.join(folder, 'a.lock'), path.join(folder, 'target')]
    const stopped = start(inNamespace(holder('hold', lock, target)))
    await stopped.says()
    const pid = onlyChildOf(stopped.child.pid)
    process.kill(pid, 'SIGSTOP')
    const taken = await takeLock(lock, SOON)
    writeFileSync(target, 'of the next')
    process.kill(pid, 'SIGCONT')
    stopped.goOn()
    expect([await stopped.says(), await stopped.says()]).to.deep.equal(['LOCK_LOST', 'LOCK_LOST'])
    await taken.check()
    await taken.release()
    expect(readFileSync(target, 'utf8')).to.equal('of the next')
  })

  it('of an index is taken from one that is stopped for long, which then changes no names', async () => {
    const store = await storeWithBase()
    const before = readFileSync(path.join(store, 'index.json'), 'utf8')
    const stopped = start(inNamespace(holder('change', store)))
    await stopped.says()
    const pid = onlyChildOf(stopped.child.pid)
    process.kill(pid, 'SIGSTOP')
    const [name = ''] = readdirSync(path.join(store, 'ingest'))
    await (await takeLock(path.join(store, 'ingest', name), SOON)).release()
    process.kill(pid, 'SIGCONT')
    stopped.goOn()
    expect(await stopped.says()).to.equal('LOCK_LOST')
    await stopped.ended
    expect(readFileSync(path.join(store, 'index.json'), 'utf8')).to.equal(before)
    expect(readdirSync(store).filter((one) => one.endsWith('.new'))).to.deep.equal([])
  })

  async function storeWithBase(): Promise<string> {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    await install({ targets: [layout], store: path.join(folder, 'store'), noLatest: true })
    return path.join(folder, 'store')
  }
})

function onlyChildOf(pid = 0): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
}
