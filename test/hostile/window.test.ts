import { mkdirSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { expect } from 'chai'
import { TOKEN_HEADER } from '../../cli/ui/protocol/actions.js'
import { ACTIONS } from '../../cli/ui/server/actions/table.js'
import { type OpenedWindow, openWindow } from '../../cli/ui/server/open-window.js'
import { ERROR_CODES } from '../../manifests/index.js'
import { randomOf, shuffled } from '../../scripts/mutate/random.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { listing } from '../security/attack.js'
import { victim } from '../security/victim.js'
import { CORPUS } from './corpus.js'
import { chosenOf, EVERY, MOST_LINES, SEED } from './sample.js'
import { HOSTILE_TEXTS } from './texts.js'

/** What a client of the window says, and what it gets. */
interface Asked {
  method?: string
  path: string
  headers?: http.OutgoingHttpHeaders
  body?: string | Buffer
}

/** Kinds whose path, or address, an action takes for an image, an archive, a media, a source or a file to read. */
const OF_ACTIONS = ['image', 'rootfs', 'wim', 'media', 'receipts', 'index', 'advisories', 'recovery', 'words']
const STEERING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
/** Those of engines and drives say what this machine has, which is nothing that anybody brought. */
const BROUGHT = [...ACTIONS.keys()].filter((name) => !['engines', 'removable', 'load'].includes(name))

/** Or of a path that is too long for any. */
const NOTHING_THERE = [404, 405, 431]
/** Of how many inputs one is taken here: with each a window is opened. */
const FEWER = EVERY === 1 ? 1 : 3 * EVERY

describe('the window, whatever it is asked and shown', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  const ends: (() => Promise<void>)[] = []
  let home: string
  let good: string
  let window: OpenedWindow

  beforeEach(async () => {
    home = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.XDG_DATA_HOME = path.join(home, 'data')
    process.env.XDG_CACHE_HOME = path.join(home, 'cache')
    good = path.join(home, 'good')
    makeLayout(good, [{ refName: 'good:1.0', layers: [{ files: { a: 'a' } }] }])
    window = await openWindow({ common: { store: path.join(home, 'store') }, allowsChanges: true })
  })
  afterEach(async () => {
    await window.close()
    for (const end of ends.splice(0)) await end()
    restoreEnvironment(environment)
    temporary.remove()
  })

  /** Sends a request as it is. @returns the status and the body of what comes */
  async function ask({ method = 'POST', path: where, headers, body = '{}' }: Asked) {
    const { hostname, port, hash } = new URL(window.address)
    const token = { [TOKEN_HEADER]: hash.replace('#token=', ''), 'content-type': 'application/json' }
    return await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const options = { hostname, port, path: where, method, agent: false, headers: { ...token, ...headers } }
      const request = http.request(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        )
      })
      request.on('error', reject)
      request.end(method === 'GET' ? undefined : body)
    })
  }

  /** Asks, and says what must hold however that ends. @returns the answer */
  async function judged(asked: Asked): Promise<{ status: number; answer: unknown }> {
    const { status, text } = await ask(asked)
    const said = `${asked.path.slice(0, 200)} ${String(asked.body ?? '').slice(0, 300)}: ${text.slice(0, 300)}`
    expect(STEERING.exec(text)?.[0], said).to.equal(undefined)
    // What is no request, or has a head of more than Node takes, never gets as far as this program.
    if (text === '') expect(status, said).to.be.oneOf([400, 431])
    const answer = JSON.parse(text || '{"error":{"code":"REFUSED","message":""}}') as {
      error?: { code: string; message: string }
    } | null
    expectOurs(answer?.error, said)
    if (status !== 200) expect(answer?.error, said).not.to.equal(undefined)
    return { status, answer }
  }

  function expectOurs(error: { code: string; message: string } | undefined, said: string): void {
    if (error === undefined) return
    expect(error.code, said).not.to.equal('UNEXPECTED')
    expect([...Object.keys(ERROR_CODES), 'REFUSED'], said).to.include(error.code)
    expect(error.message.length, said).to.be.below(20_000)
  }

  /** One action, to its end where it is a long one. */
  async function done(name: string, request: object): Promise<void> {
    const { status, answer } = await judged({ path: `/api/${name}`, body: JSON.stringify(request) })
    const { id, state } = (answer ?? {}) as { id?: string; state?: string }
    if (status !== 200 || state !== 'running' || id === undefined) return
    const { text } = await ask({ method: 'GET', path: `/api/jobs/${id}/events` })
    const said = `${name} ${JSON.stringify(request).slice(0, 300)}: ${text.slice(-300)}`
    expect(STEERING.exec(text)?.[0], said).to.equal(undefined)
    const lines = text.split('\n').filter((line) => line.startsWith('data: '))
    const last = JSON.parse(lines.at(-1)?.slice('data: '.length) ?? '{}') as {
      job?: { error?: { code: string; message: string } }
    }
    expect(last.job, said).not.to.equal(undefined)
    expectOurs(last.job?.error, said)
  }

  /** Every field that any action reads. */
  const requestOf = (input: string): object => ({
    ...{ name: input, path: input, target: input, first: input, second: good, source: input, term: input },
    ...{ names: [input], receipts: [input], repository: input, from: input, to: input },
    force: false,
  })

  for (const input of chosenOf(
    CORPUS.filter(({ takenAs }) => OF_ACTIONS.includes(takenAs)),
    FEWER,
  ))
    it(`every action ends well with ${input.takenAs}: ${input.what}`, async () => {
      const user = victim(path.join(home, 'user'))
      const from = path.join(home, 'from')
      mkdirSync(from)
      const request = requestOf(await input.make(from, (end) => ends.push(end)))
      const out = { path: path.join(home, 'out.tar'), source: undefined }
      const before = [user.facts(), listing(from), listing(good)]
      for (const name of shuffled(BROUGHT, randomOf(SEED + input.what.length)).slice(0, MOST_LINES)) {
        await done(name, name === 'save' ? { ...request, ...out } : request)
        expect([user.facts(), listing(from), listing(good)], name).to.deep.equal(before)
      }
    })

  for (const [what, text] of chosenOf(Object.entries(HOSTILE_TEXTS), FEWER))
    it(`every request ends well that has ${what} in its path, its query, its headers or its fields`, async () => {
      const plain = encodeURIComponent(Buffer.from(text).toString())
      const user = victim(path.join(home, 'user'))
      for (const where of [`/${plain}`, `/api/${plain}`, `/api/find?x=${plain}`, `/download/${plain}`])
        expect((await judged({ path: where })).status, where).to.be.oneOf(NOTHING_THERE)
      for (const where of [`/api/jobs/${plain}/events`, `/download/${plain}`, `/${plain}/../etc/passwd`])
        expect((await judged({ path: where, method: 'GET' })).status, where).to.be.oneOf(NOTHING_THERE)
      const header = text.replaceAll(/[^\x20-\x7e]/g, '?')
      expect((await judged({ path: '/api/about', headers: { [TOKEN_HEADER]: header } })).status).to.equal(401)
      expect((await judged({ path: '/api/about', headers: { host: header } })).status).to.be.oneOf([400, 421])
      for (const value of [text, { [text]: text }, [text], 7, null, true])
        for (const name of shuffled(BROUGHT, randomOf(SEED + text.length)).slice(0, MOST_LINES))
          await done(name, Object.fromEntries(Object.keys(requestOf('')).map((field) => [field, value])))
      expect(user.facts()).to.deep.equal(victim(path.join(home, 'like it')).facts())
    })

  it('takes no body that is not an object of JSON, and none without an end', async () => {
    const bodies = [
      '',
      'null',
      '[]',
      '"x"',
      '1e999',
      '{"a":',
      '\0',
      '{"name":"\\ud800"}',
      '['.repeat(500_000),
    ]
    for (const name of ACTIONS.keys())
      for (const body of bodies.slice(1, 7))
        expect((await judged({ path: `/api/${name}`, body })).status, `${name} ${body}`).to.equal(400)
    for (const body of bodies) await judged({ path: '/api/image', body })
    expect((await judged({ path: '/api/image', body: Buffer.alloc(2_000_000, ' ') })).status).to.equal(413)
  })
})
