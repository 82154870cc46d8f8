import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hashSync } from 'bcryptjs'
import { expect } from 'chai'
import type { Manifest } from '../../../manifests/index.js'
import { serve } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { selfSigned } from '../registry/certificates.js'
import { failure } from '../verbs/failure.js'
import { type ServeProgram, startServeProgram } from './serve-program.js'
import { ask, codeOf, type RunningServer, startServing } from './serving.js'

const { folder, remove } = scratch()

function layoutWith(bytes: number): string {
  const layout = folder()
  makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { a: bytes }, compression: 'none' }] }])
  return layout
}

const basic = (name: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

describe('serve and its administrator', () => {
  let server: RunningServer | undefined
  afterEach(async () => {
    await server?.stop()
    server = undefined
  })
  after(remove)

  it('says that it is well, and its figures in the form of Prometheus', async () => {
    server = await startServing({ path: layoutWith(500) })
    const health = await ask(server, '/healthz')
    expect(health.status).to.equal(200)
    expect(JSON.parse(health.body.toString())).to.deep.equal({ status: 'ok', repositories: 1 })
    await ask(server, '/v2/debian/manifests/12.5')
    await ask(server, '/v2/debian/manifests/none')
    const { headers, body } = await ask(server, '/metrics')
    expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/)
    const text = body.toString()
    for (const line of text.trimEnd().split('\n'))
      expect(line).to.match(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="\w+"(,\w+="\w+")*\})? \d+(\.\d+)?)$/)
    const counted = 'containerimage_serve_requests_total{route="manifest",method="GET"'
    expect(text).to.contain(`${counted},status="200"} 1\n`)
    expect(text).to.contain(`${counted},status="404"} 1\n`)
    expect(text).to.contain('containerimage_serve_requests_in_flight 1\n')
  })

  it('logs each request as a line of JSON, in a file that can be turned over, without secrets', async () => {
    const file = path.join(folder(), 'access.log')
    const auth = path.join(folder(), 'htpasswd')
    writeFileSync(auth, `ann:${hashSync('word', 4)}\n`)
    server = await startServing({ path: layoutWith(500), accessLog: file, auth })
    const headers = { ...basic('ann', 'word'), 'User-Agent': 'peer/1.0' }
    await ask(server, '/v2/debian/manifests/12.5?token=secret', { headers })
    renameSync(file, `${file}.1`)
    server.reload()
    await sleep(50)
    await ask(server, '/v2/debian/tags/list')
    await server.stop()
    server = undefined
    const before = readFileSync(`${file}.1`, 'utf8')
    const { time, ms, ...line } = JSON.parse(before)
    expect(line).to.deep.include({ remote: '127.0.0.1', method: 'GET', path: '/v2/debian/manifests/12.5' })
    expect(line).to.deep.include({ status: 200, userAgent: 'peer/1.0', user: 'ann' })
    expect(line.bytes).to.be.greaterThan(100)
    expect(new Date(time).toISOString()).to.equal(time)
    expect(ms).to.be.a('number')
    expect(before).not.to.match(/word|secret|Basic/)
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.include({
      path: '/v2/debian/tags/list',
      status: 401,
    })
  })

  it('warns where others can reach it without TLS and passwords, and not on the loopback', async () => {
    server = await startServing({ path: layoutWith(500), listen: '0.0.0.0:0' })
    expect(server.notes.join()).to.match(/^Warning: 0\.0\.0\.0:0 can be reached .*`tlsCert`.*`auth`/)
    await server.stop()
    server = await startServing({ path: layoutWith(500) })
    expect(server.notes).to.deep.equal([])
  })

  it('tells which address is taken, which is none, and which files do not fit', async () => {
    server = await startServing({ path: layoutWith(500) })
    const { file, keyFile } = selfSigned(folder())
    const auth = path.join(folder(), 'htpasswd')
    writeFileSync(auth, 'bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n')
    const listen = '127.0.0.1:0'
    for (const [request, code] of [
      [{ listen: `127.0.0.1:${server.port}` }, 'ADDRESS_IN_USE'],
      [{ listen: 'nonsense' }, 'USAGE'],
      [{ listen: '192.0.2.1:5000' }, 'USAGE'],
      [{ listen, tlsCert: file }, 'USAGE'],
      [{ listen, tlsCert: keyFile, tlsKey: file }, 'USAGE'],
      [{ listen, tlsCert: `${file}.none`, tlsKey: keyFile }, 'PATH_NOT_FOUND'],
      [{ listen, auth }, 'INVALID_DOCUMENT'],
      [{ listen, accessLog: path.join(auth, 'log') }, 'PATH_NOT_FOUND'],
    ] as const)
      await failure(serve({ path: server.path, ...request }), code)
    const refused = await failure(serve({ path: server.path, listen, auth }), 'INVALID_DOCUMENT')
    expect(JSON.stringify({ ...refused, message: refused.message })).not.to.contain('W6ph5Mm5')
  })

  it('changes and answers nothing with what-if, but finds what cannot be opened', async () => {
    const result = await serve({ path: layoutWith(500), whatIf: true })
    expect(result.requests).to.equal(0)
    await failure(serve({ path: path.join(folder(), 'none'), whatIf: true }), 'PATH_NOT_FOUND')
  })
})

describe('serve with --auth', () => {
  let server: RunningServer
  let auth = ''

  before(async () => {
    auth = path.join(folder(), 'htpasswd')
    writeFileSync(auth, `# who may pull\nann:${hashSync('word', 5).replace('$2b$', '$2y$')}\n`)
    server = await startServing({ path: layoutWith(500), auth })
  })
  after(async () => {
    await server.stop()
    remove()
  })

  it('asks for credentials, takes those of the file, and refuses others', async () => {
    const without = await ask(server, '/v2/')
    expect([without.status, codeOf(without)]).to.deep.equal([401, 'UNAUTHORIZED'])
    expect(without.headers['www-authenticate']).to.match(/^Basic realm="/)
    for (const headers of [
      basic('ann', 'wrong'),
      basic('eve', 'word'),
      basic('', ''),
      { Authorization: 'Bearer word' },
      { Authorization: 'Basic !!' },
    ] as Record<string, string>[])
      expect((await ask(server, '/v2/debian/manifests/12.5', { headers })).status).to.equal(401)
    const headers = basic('ann', 'word')
    expect((await ask(server, '/v2/debian/manifests/12.5', { headers })).status).to.equal(200)
  })

  it('lets everyone ask how it is, and this machine for its figures', async () => {
    expect((await ask(server, '/healthz')).status).to.equal(200)
    expect((await ask(server, '/metrics')).status).to.equal(200)
  })

  it('takes the file as it is now', async () => {
    appendFileSync(auth, `bob:${hashSync('new', 4)}\n`)
    expect((await ask(server, '/v2/', { headers: basic('bob', 'new') })).status).to.equal(200)
    writeFileSync(auth, `bob:${hashSync('newer', 4)}\n`)
    expect((await ask(server, '/v2/', { headers: basic('bob', 'new') })).status).to.equal(401)
    expect((await ask(server, '/v2/', { headers: basic('ann', 'word') })).status).to.equal(401)
    expect((await ask(server, '/v2/', { headers: basic('bob', 'newer') })).status).to.equal(200)
  })

  it('compares a password once, and not for each request', async () => {
    writeFileSync(auth, `slow:${hashSync('word', 12)}\n`)
    const headers = basic('slow', 'word')
    expect((await ask(server, '/v2/', { headers })).status).to.equal(200)
    // As many comparisons at this cost take longer than the test may, on any machine.
    for (let i = 0; i < 1500; i++) expect((await ask(server, '/v2/', { headers })).status).to.equal(200)
  })

  it('turns away guesses that come faster than they can be compared', async () => {
    const guesses = Array.from({ length: 60 }, (_, i) =>
      ask(server, '/v2/', { headers: basic('slow', `${i}`) }),
    )
    // Answers of those that were compared would take long; the ones turned away come at once.
    const statuses = new Set<number>()
    for (const guess of guesses) guess.then(({ status }) => statuses.add(status)).catch(() => {})
    for (let i = 0; i < 100 && !statuses.has(429); i++) await sleep(50)
    expect(statuses.has(429)).to.equal(true)
    expect((await ask(server, '/healthz')).status).to.equal(200)
  })
})

describe('the program that serves', () => {
  after(remove)

  const start = async (args: string[]): Promise<ServeProgram> => await startServeProgram(folder(), args)

  it('says where it listens and how to pull, logs to stderr, and ends with 0', async () => {
    const { child, url, out, err, ended } = await start([layoutWith(500)])
    expect(out).to.match(
      /^Serving .+ \(1 repository\) on http:\/\/127\.0\.0\.1:\d+\n {2}docker pull 127\.0\.0\.1:\d+\/debian:12\.5\n/,
    )
    await ask({ url }, '/v2/')
    child.kill('SIGTERM')
    expect(await ended).to.equal(0)
    expect(JSON.parse(err().split('\n')[0] ?? '')).to.deep.include({ path: '/v2/', status: 200 })
    expect(err()).to.match(/Served 1 request, 3 B\.\n$/)
  })

  it('gives one JSON document with --json', async () => {
    const { child, out, ended } = await start([layoutWith(500), '--json', '--quiet'])
    await sleep(50)
    child.kill('SIGINT')
    expect(await ended).to.equal(0)
    const document = JSON.parse(out)
    expect(document).to.include.keys('url', 'host', 'port', 'tls', 'auth', 'path', 'repositories', 'example')
    expect(document.repositories).to.deep.equal(['debian'])
  })

  it('opens the log again on SIGHUP, and goes on', async function () {
    if (process.platform === 'win32') this.skip()
    const file = path.join(folder(), 'log')
    const { child, url, ended } = await start([layoutWith(500), '--access-log', file])
    await ask({ url }, '/v2/')
    renameSync(file, `${file}.1`)
    child.kill('SIGHUP')
    for (let i = 0; i < 100 && !existsSync(file); i++) await sleep(20)
    await ask({ url }, '/healthz')
    child.kill('SIGTERM')
    expect(await ended).to.equal(0)
    expect(readFileSync(file, 'utf8')).to.contain('/healthz')
  })

  it('lets a download end that is under way, and takes no new connection', async () => {
    const size = 40_000_000
    const { child, url, ended } = await start([layoutWith(size)])
    const { config: _, layers } = JSON.parse(
      (await ask({ url }, '/v2/debian/manifests/12.5')).body.toString(),
    ) as Manifest
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      http.get(`${url}/v2/debian/blobs/${layers[0]?.digest}`, { agent: false }, resolve),
    )
    await sleep(200)
    child.kill('SIGTERM')
    await sleep(200)
    const refused = await new Promise<boolean>((resolve) => {
      const late = connect(Number(new URL(url).port), '127.0.0.1')
      late.on('connect', () => resolve(false))
      late.on('error', () => resolve(true))
    })
    expect(refused).to.equal(true)
    let length = 0
    for await (const part of response) length += part.length
    expect(length).to.equal(layers[0]?.size)
    expect(await ended).to.equal(0)
  })

  it('does not wait longer for a download than it was told, and ends at once on a second signal', async () => {
    for (const [args, signals, code] of [
      [['--grace', '0.3'], 1, 0],
      [['--grace', '60'], 2, 130],
    ] as const) {
      const { child, url, ended } = await start([layoutWith(40_000_000), ...args])
      const { layers } = JSON.parse(
        (await ask({ url }, '/v2/debian/manifests/12.5')).body.toString(),
      ) as Manifest
      const stalled = connect(Number(new URL(url).port), '127.0.0.1')
      stalled.on('error', () => {})
      stalled.write(`GET /v2/debian/blobs/${layers[0]?.digest} HTTP/1.1\r\nHost: x\r\n\r\n`)
      stalled.pause()
      await sleep(300)
      for (let i = 0; i < signals; i++) {
        child.kill('SIGTERM')
        await sleep(100)
      }
      expect(await ended).to.equal(code)
      stalled.destroy()
    }
  })
})
