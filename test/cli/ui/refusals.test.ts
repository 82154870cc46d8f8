import { readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import { TOKEN_HEADER, UPLOADED } from '../../../cli/ui/protocol/actions.js'
import { type OpenedWindow, openWindow, type WindowOptions } from '../../../cli/ui/server/open-window.js'
import { isSame } from '../../../cli/ui/server/refusals.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

interface Asked {
  method?: string
  headers?: http.OutgoingHttpHeaders
  body?: string | Buffer
  /** Left out for the right one. */
  token?: string | undefined
}

describe('the server of the window', () => {
  const temporary = scratch()
  let window: OpenedWindow
  let origin: string
  let token: string
  let store: string

  async function open(options: Partial<WindowOptions> = {}): Promise<void> {
    await window?.close()
    window = await openWindow({ common: { store }, allowsChanges: true, ...options })
    const address = new URL(window.address)
    origin = address.origin
    token = address.hash.replace('#token=', '')
  }

  before(() => {
    store = path.join(temporary.folder(), 'store')
    makeLayout(store, [{ refName: 'base:1.0', layers: [{ files: { base: 'base' } }] }])
  })
  beforeEach(async () => await open())
  after(async () => {
    await window.close()
    temporary.remove()
  })

  /** Sends the path as it is: `fetch` would make it a proper one first. */
  async function ask(pathname: string, asked: Asked = {}): Promise<Answer> {
    const { method = 'POST', headers = {}, body = method === 'POST' ? '{}' : undefined } = asked
    const { hostname, port } = new URL(origin)
    return await new Promise((resolve, reject) => {
      const request = http.request({
        ...{ hostname, port, path: pathname, method, agent: false },
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...('token' in asked ? {} : { [TOKEN_HEADER]: token }),
          ...(asked.token === undefined ? {} : { [TOKEN_HEADER]: asked.token }),
          ...headers,
        },
      })
      request.on('error', reject)
      request.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      })
      request.end(body)
    })
  }

  function host(): string {
    return new URL(origin).host
  }

  it('listens on this machine alone, and has a token of 256 bits', () => {
    expect(host()).to.match(/^127\.0\.0\.1:\d+$/)
    expect(Buffer.from(token, 'base64url').length).to.equal(32)
  })

  it('cannot be reached by another address of the machine', async function () {
    const other = Object.values(os.networkInterfaces())
      .flatMap((one) => one ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)
    if (!other) this.skip()
    const socket = net.connect(Number(new URL(origin).port), other.address)
    const code = await new Promise((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.on('connect', () => resolve('connected'))
    })
    socket.destroy()
    expect(code).not.to.equal('connected')
  })

  it('answers whoever has the token', async () => {
    const { status, text } = await ask('/api/images')
    expect(status).to.equal(200)
    expect(JSON.parse(text)[0]).to.include({ repository: 'base', tag: '1.0' })
  })

  it('lets nothing but itself into the page, and the page into nothing', async () => {
    for (const place of ['/', '/app.js', '/style.css', '/icon.svg']) {
      const { status, headers } = await ask(place, { method: 'GET', token: undefined })
      expect(status, place).to.equal(200)
      expect(headers['content-security-policy']).to.match(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'/,
      )
      expect(headers).to.include({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      })
      expect(headers).not.to.have.property('access-control-allow-origin')
    }
  })

  it('has no script or style within the page', () => {
    const page = readFileSync('cli/ui/page/index.html', 'utf8')
    expect(page).not.to.match(/<script(?![^>]* src=)|<style|\bstyle=|\bon\w+=|https?:/)
  })

  for (const [what, given] of [
    ['no token', undefined],
    ['an empty one', ''],
    ['a wrong one', 'x'.repeat(43)],
    ['a part of it', 'part'],
  ] as const)
    it(`refuses ${what}`, async () => {
      const wrong = given === 'part' ? token.slice(0, -1) : given
      for (const place of ['/api/images', '/api/about', '/api/jobs', '/api/upload', '/api/nothing']) {
        const { status, text } = await ask(place, { token: wrong })
        expect(status, place).to.equal(401)
        expect(JSON.parse(text).error.code).to.equal('REFUSED')
      }
    })

  it('compares tokens as a whole', () => {
    expect(isSame(token, token)).to.equal(true)
    for (const other of ['', token.slice(1), `${token}x`, `${token.slice(0, -1)}é`])
      expect(isSame(other, token), other).to.equal(false)
  })

  for (const name of ['evil.example', 'localhost', '127.0.0.1', '127.0.0.2', '[::1]', 'PORT.evil.example'])
    it(`refuses the host ${name}, which rebinding would send`, async () => {
      const { port } = new URL(origin)
      for (const place of ['/', '/api/images']) {
        const wrong = name === '127.0.0.1' ? name : `${name.replace('PORT', port)}:${port}`
        const method = place === '/' ? 'GET' : 'POST'
        expect((await ask(place, { method, headers: { host: wrong } })).status).to.equal(421)
      }
    })

  for (const wrong of [
    'http://evil.example',
    'null',
    'http://127.0.0.1',
    'https://HOST',
    'http://HOST.evil.example',
  ])
    it(`refuses the origin ${wrong}`, async () => {
      const headers = { origin: wrong.replace('HOST', host()) }
      expect((await ask('/api/images', { headers })).status).to.equal(403)
      expect((await ask('/', { method: 'GET', headers })).status).to.equal(403)
    })

  it('does not tell other origins that they may ask', async () => {
    const headers = {
      origin: 'http://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': TOKEN_HEADER,
    }
    const { status, headers: answered } = await ask('/api/images', {
      method: 'OPTIONS',
      headers,
      token: undefined,
    })
    expect(status).to.equal(403)
    expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).to.deep.equal([])
  })

  for (const site of ['cross-site', 'same-site', 'none', 'else'])
    it(`refuses what comes from ${site}`, async () => {
      const headers = { 'sec-fetch-site': site }
      expect((await ask('/api/images', { headers })).status).to.equal(403)
      expect((await ask('/app.js', { method: 'GET', headers })).status).to.equal(403)
      // Whoever types the address comes from nowhere.
      const first = await ask('/', { method: 'GET', headers, token: undefined })
      expect(first.status).to.equal(site === 'none' ? 200 : 403)
    })

  for (const wrong of [
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '//etc/passwd',
    '/app.js/../../package.json',
    '/app.js?x',
    '/constructor',
    '/__proto__',
    'http://evil.example/',
    '/api/../app.js',
    '/api/constructor',
    '/api/jobs/../images',
    '/api/jobs/00000000-0000-0000-0000-000000000000/cancel',
  ])
    it(`has nothing at ${wrong}`, async () => {
      const method = wrong.startsWith('/api/') ? 'POST' : 'GET'
      expect((await ask(wrong, { method })).status).to.equal(404)
    })

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
    it(`refuses ${method} for actions`, async () => {
      const { status, headers } = await ask('/api/images', { method })
      expect(status).to.equal(405)
      expect(headers.allow).to.equal('POST')
    })

  it('refuses to be posted to where the page is', async () => {
    expect((await ask('/', { method: 'POST' })).status).to.equal(405)
  })

  it('refuses forms, which other sites may send unasked', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', ''])
      expect((await ask('/api/images', { headers: { 'content-type': type } })).status).to.equal(415)
  })

  it('refuses requests that are too large, announced or not', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1_100_000) })
    const refused = [
      ask('/api/image', { body }),
      ask('/api/image', { body, headers: { 'transfer-encoding': 'chunked' } }),
    ]
    for (const answer of refused) expect((await answer.catch(() => ({ status: 413 }))).status).to.equal(413)
    expect((await ask('/api/images')).status).to.equal(200)
  })

  for (const body of ['{', '[]', 'null', '"x"', '{"name":1}', '{"name":["x"]}', '{"name":"a\\u0000b"}', '{}'])
    it(`says that ${JSON.stringify(body)} is not a request`, async () => {
      const { status, text } = await ask('/api/image', { body })
      expect(status).to.equal(400)
      expect(JSON.parse(text).error.code).to.equal('USAGE')
    })

  it('lets go of clients that never finish their request', async () => {
    await open({ patienceMs: 300 })
    const { port } = new URL(origin)
    const head = `POST /api/images HTTP/1.1\r\nHost: ${host()}\r\n${TOKEN_HEADER}: ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n`
    for (const begun of [
      head,
      `${head}\r\n{"a`,
      `POST /api/upload HTTP/1.1\r\nHost: ${host()}\r\n${TOKEN_HEADER}: ${token}\r\nContent-Length: 100\r\n\r\nx`,
    ]) {
      const socket = net.connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.write(begun)
      await new Promise((resolve) => socket.on('close', resolve))
    }
    expect((await ask('/api/images')).status).to.equal(200)
  })

  it('changes nothing unless it was allowed', async () => {
    await open({ allowsChanges: false })
    const before = readdirSync(store, { recursive: true }).sort()
    const out = temporary.folder()
    for (const [action, body] of [
      ['save', { names: ['base:1.0'], path: out }],
      ['install', { target: store }],
      ['uninstall', { name: 'base:1.0' }],
      ['tag', { from: 'base:1.0', to: 'base:2.0' }],
      ['untag', { name: 'base:1.0' }],
    ] as const) {
      const { status, text } = await ask(`/api/${action}`, { body: JSON.stringify(body) })
      expect(status, action).to.equal(400)
      expect(JSON.parse(text).error.remedy).to.contain('--allow-changes')
    }
    expect(readdirSync(store, { recursive: true }).sort()).to.deep.equal(before)
    expect(readdirSync(out)).to.deep.equal([])
    const { text } = await ask('/api/about')
    expect(JSON.parse(text).allowsChanges).to.equal(false)
  })

  it('keeps a dropped file private, under no name that the page chooses, and only until the end', async () => {
    const { TMPDIR } = process.env
    const folder = temporary.folder()
    process.env.TMPDIR = folder
    const headers = {
      'x-containerimage-name': '..%2f..%2fetc%2fpasswd',
      'content-type': 'application/octet-stream',
    }
    const { status, text } = await ask('/api/upload', { headers, body: Buffer.alloc(100_000, 'x') })
    expect(status).to.equal(200)
    expect(JSON.parse(text).path).to.match(new RegExp(`^${UPLOADED}[0-9a-f-]{36}$`))
    expect(JSON.parse(text).size).to.equal(100_000)
    const made = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    expect(made.map((name) => path.basename(name))).to.include('received')
    expect(made.join('\n')).not.to.contain('passwd')
    await window.close()
    expect(readdirSync(folder)).to.deep.equal([])
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    await open()
  })

  it('keeps nothing of a file that was still arriving at the end', async () => {
    const { TMPDIR } = process.env
    const folder = temporary.folder()
    process.env.TMPDIR = folder
    const { hostname, port } = new URL(origin)
    const headers = { 'content-type': 'application/octet-stream', [TOKEN_HEADER]: token }
    const sending = http.request({
      hostname,
      port,
      path: '/api/upload',
      method: 'POST',
      agent: false,
      headers,
    })
    const ended = new Promise((resolve) => sending.on('error', resolve))
    sending.write(Buffer.alloc(100_000, 'x'))
    const arriving = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' })
    while (!arriving().some((name) => path.basename(name) === 'received')) await setTimeout(10)
    await window.close()
    expect(readdirSync(folder)).to.deep.equal([])
    await ended
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    await open()
  })

  it('knows no dropped file that was not dropped here', async () => {
    for (const wrong of [`${UPLOADED}../../etc/passwd`, `${UPLOADED}x`, UPLOADED]) {
      const { status, text } = await ask('/api/image', { body: JSON.stringify({ name: wrong }) })
      expect(status).to.equal(400)
      expect(JSON.parse(text).error.code).to.equal('PATH_NOT_FOUND')
    }
  })

  it('keeps four dropped files at most', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    const drop = async (): Promise<Answer> => await ask('/api/upload', { headers, body: 'x' })
    const dropped = [await drop(), await drop(), await drop(), await drop()]
    expect(dropped.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200])
    expect((await drop()).status).to.equal(400)
    await ask('/api/discard', { body: dropped[0]?.text ?? '' })
    expect((await drop()).status).to.equal(200)
  })

  it('gives a file of an image once for a ticket, as one to keep', async () => {
    const wanted = JSON.stringify({ name: 'base:1.0', path: '/base' })
    expect((await ask('/api/ticket', { body: wanted, token: undefined })).status).to.equal(401)
    const { path: place } = JSON.parse((await ask('/api/ticket', { body: wanted })).text)
    const first = await ask(place, { method: 'GET', token: undefined })
    expect(first.text).to.equal('base')
    expect(first.headers['content-type']).to.equal('application/octet-stream')
    expect(first.headers['content-disposition']).to.equal("attachment; filename*=UTF-8''base")
    expect((await ask(place, { method: 'GET' })).status).to.equal(404)
    expect((await ask('/download/x', { method: 'GET' })).status).to.equal(404)
    for (const outside of ['../../etc/passwd', '/../etc/passwd', '/etc/passwd']) {
      const { text } = await ask('/api/ticket', { body: JSON.stringify({ name: 'base:1.0', path: outside }) })
      const { status, text: told } = await ask(JSON.parse(text).path, { method: 'GET' })
      expect(status).to.equal(400)
      expect(JSON.parse(told).error.code).to.equal('PATH_NOT_FOUND')
    }
  })

  it('tells errors as the command line does', async () => {
    const { status, text } = await ask('/api/image', { body: '{"name":"nothing:1.0"}' })
    expect(status).to.equal(404)
    const { error } = JSON.parse(text)
    expect(error.code).to.equal('NOT_INSTALLED')
    expect(error.message).to.contain('nothing')
    expect(error.remedy).to.be.a('string')
  })

  it('does not save to its own output', async () => {
    const { text } = await ask('/api/save', { body: '{"names":["base:1.0"],"path":"-"}' })
    const { id } = JSON.parse(text)
    const events = await ask(`/api/jobs/${id}/events`, { method: 'GET' })
    expect(events.text).to.contain('"code":"USAGE"')
  })

  it('tells how a long action goes, and how it ended', async () => {
    const { text } = await ask('/api/verify')
    const { id, state } = JSON.parse(text)
    expect(state).to.equal('running')
    const { headers, text: events } = await ask(`/api/jobs/${id}/events`, { method: 'GET' })
    expect(headers['content-type']).to.match(/^text\/event-stream/)
    const lines = events
      .split('\n\n')
      .flatMap((one) => (one.startsWith('data: ') ? [JSON.parse(one.slice(6))] : []))
    expect(lines.map(({ event }) => event)).to.include.members(['begin', 'progress', 'end', 'finished'])
    expect(lines.at(-1).job).to.deep.include({ id, state: 'done' })
    expect(lines.at(-1).job.result.ok).to.equal(true)
    expect((await ask(`/api/jobs/${id}/events`, { method: 'GET', token: undefined })).status).to.equal(401)
  })

  it('serves no file of the store', async () => {
    for (const place of ['/oci-layout', '/index.json', '/blobs'])
      expect((await ask(place, { method: 'GET' })).status).to.equal(404)
  })
})
