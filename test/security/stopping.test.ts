import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { takeLock } from '../../provider/io/files/lock.js'
import { scratch } from '../scratch.js'
import { type Ended, ended, startProgram } from './program.js'

const MAIN = `file://${path.resolve('dist/cli/main.js')}`

/** Work that the system keeps: no thread that waits for a pipe can be told to stop. */
const STUCK: Record<string, string> = {
  'opens a pipe that nobody writes to': `fs.promises.open(pipe); setTimeout(begun, 100)`,
  'opens as many of them as Node has threads': `for (let i = 0; i < 4; i++) fs.promises.open(pipe); setTimeout(begun, 100)`,
  'has a thread that opens one': `thread('fs.openSync(pipe)').once('message', begun)`,
  'has a thread that nobody waits for': `thread('fs.openSync(pipe)').once('message', begun).unref()`,
  'has a thread that counts without end': `thread('for (;;);').once('message', begun)`,
}

describe('a program that is told to stop', () => {
  const temporary = scratch()
  let home: string
  let registry: Server
  let reached: Promise<void>
  let address: string

  before(function () {
    if (process.platform === 'win32') this.skip()
  })

  // A registry that takes the question and never answers.
  beforeEach(async () => {
    home = temporary.folder()
    let tell = (): void => {}
    reached = new Promise((resolve) => {
      tell = resolve
    })
    registry = createServer((_, response) => {
      tell()
      if (response.req.url === '/challenge') response.end()
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    address = `127.0.0.1:${(registry.address() as AddressInfo).port}`
  })

  afterEach(() => {
    registry.closeAllConnections()
    registry.close()
    temporary.remove()
  })

  function pull(): string[] {
    return ['pull', `${address}/debian:12.5`]
  }

  /** The program with some work of its own beside that of a command, which begins when it is told to. */
  function startWith(work: string, args: string[]): ChildProcess {
    const pipe = path.join(home, 'pipe')
    execFileSync('mkfifo', [pipe])
    const script = `
      import fs from 'node:fs'
      import { Worker } from 'node:worker_threads'
      import { main } from ${JSON.stringify(MAIN)}
      const pipe = ${JSON.stringify(pipe)}
      const begun = () => console.log('begun')
      const thread = (work) => new Worker(
        'const fs = require("fs"); const { parentPort, workerData: pipe } = require("worker_threads");' +
          'parentPort.postMessage("begun");' + work,
        { eval: true, execArgv: [], workerData: pipe },
      )
      process.stdin.once('data', () => {
        ${work}
      })
      await main(${JSON.stringify(args)})`
    return spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, HOME: home, CONTAINERIMAGE_STORE: path.join(home, 'store') },
    })
  }

  /** Ended by itself, with 130 or in the way that a shell tells as 130. */
  function expectStopped({ code, signal, err }: Ended): void {
    expect(signal ?? code, err).to.be.oneOf([130, 'SIGINT'])
    expect(err).to.match(/Error INTERRUPTED: Stopped before the end by SIG/)
    expect(err).not.to.contain('UNEXPECTED')
  }

  for (const [what, work] of Object.entries(STUCK))
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      it(`ends after ${signal} where it ${what}`, async () => {
        const child = startWith(work, pull())
        const end = ended(child)
        await reached
        await begin(child)
        child.kill(signal)
        expectStopped(await end)
      })

  it('ends where work does not hear of it', async () => {
    // A program for credentials that is asked first, and cannot be made to answer.
    const [settings, bin] = [path.join(home, 'docker'), path.join(home, 'bin')]
    const [helper, started] = [path.join(bin, 'docker-credential-slow'), path.join(home, 'started')]
    for (const folder of [settings, bin]) mkdirSync(folder)
    writeFileSync(path.join(settings, 'config.json'), JSON.stringify({ credsStore: 'slow' }))
    writeFileSync(helper, `#!/bin/sh\ntrap '' TERM\necho $$ > ${started}\nwhile :; do sleep 1; done\n`)
    chmodSync(helper, 0o755)
    registry.removeAllListeners('request')
    registry.on('request', (_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    })
    const env = { DOCKER_CONFIG: settings, PATH: `${bin}:${process.env.PATH}`, REGISTRY_AUTH_FILE: '' }
    const child = startProgram(pull(), home, env)
    const end = ended(child)
    const pid = await numberIn(started)
    try {
      child.kill('SIGTERM')
      expectStopped(await end)
    } finally {
      process.kill(pid, 'SIGKILL')
    }
  })

  it('ends at the second signal where the first has promised others more time', async () => {
    const args = ['serve', '--listen', '127.0.0.1:0', '--grace', '80000', '--quiet', '--json']
    const child = startWith(STUCK['has a thread that opens one'] ?? '', args)
    const end = ended(child)
    const { port } = JSON.parse(await firstText(child)) as { port: number }
    await begin(child)
    // A request that never gets whole is under way, and would be waited for.
    const client = connect(port, '127.0.0.1').on('error', () => {})
    client.write('GET /v2/ HTTP/1.1\r\n')
    await once(client, 'connect')
    child.kill('SIGTERM')
    await refusing(port)
    child.kill('SIGTERM')
    const { code, signal, err } = await end
    expect(signal ?? code, err).to.be.oneOf([130, 'SIGINT'])
  })

  it('ends while it waits for a lock', async () => {
    const ingest = path.join(home, 'store', 'ingest')
    mkdirSync(ingest, { recursive: true })
    const lock = await takeLock(path.join(ingest, 'index.lock'))
    try {
      const child = startWith('begun()', ['prune'])
      const end = ended(child)
      await begin(child)
      child.kill('SIGTERM')
      expectStopped(await end)
    } finally {
      await lock.release()
    }
  })

  it('goes on after SIGHUP under nohup, and ends after SIGTERM', async () => {
    const child = startProgram(pull(), home, { _: '/usr/bin/nohup' })
    const end = ended(child)
    await reached
    child.kill('SIGHUP')
    await pause(500)
    expect(child.exitCode ?? child.signalCode).to.equal(null)
    child.kill('SIGTERM')
    const result = await end
    expectStopped(result)
    expect(result.err).to.contain('by SIGTERM')
  })

  it('ends after SIGHUP otherwise', async () => {
    const child = startProgram(pull(), home, { _: '/usr/bin/nohup-not' })
    const end = ended(child)
    await reached
    child.kill('SIGHUP')
    const result = await end
    expectStopped(result)
    expect(result.err).to.contain('by SIGHUP')
  })
})

async function begin(child: ChildProcess): Promise<void> {
  child.stdin?.write('begin')
  await firstText(child)
}

async function firstText(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  return String(chunk)
}

/** Waits until nobody listens on a port any more. */
async function refusing(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isRefused = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
    })
    socket.destroy()
    if (isRefused) return
    await pause(20)
  }
}

/** The number that a program writes into a file. */
async function numberIn(file: string): Promise<number> {
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await pause(20)
  return Number(readFileSync(file, 'utf8'))
}
