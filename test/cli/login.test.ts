import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { setMirrors } from '../../provider/index.js'
import { restoreEnvironment } from '../environment.js'
import { type FaultyServer, json, type Seen, startFaultyServer } from '../provider/registry/faulty-server.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describe('--username and --password-stdin', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  let named: FaultyServer
  let other: FaultyServer

  before(async () => {
    named = await startFaultyServer(() => {})
    other = await startFaultyServer(() => {})
  })
  after(async () => {
    await Promise.all([named.stop(), other.stop()])
  })
  beforeEach(() => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
    process.env.HOME = temporary.folder()
    for (const server of [named, other]) {
      server.seen.length = 0
      server.handler = (request, response) =>
        request.headers.authorization
          ? json(response, 404, {})
          : json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' })
    }
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  const LOGIN = ['--username', 'me', '--password-stdin']
  const BASIC = `Basic ${Buffer.from('me:the secret').toString('base64')}`
  const piped = { piped: 'the secret\n' }
  const store = () => ['--store', temporary.folder()]
  const sent = (server: FaultyServer) =>
    server.seen.map(({ headers }: Seen) => headers.authorization).filter((value) => value !== undefined)

  it('go to the registry that a reference names, without the line’s end, and are not shown', async () => {
    const words = ['pull', `${named.host}/a:1`, ...LOGIN, ...store(), '--verbose']
    const { code, out, err } = await run(words, piped)
    expect(code).to.equal(3)
    expect(sent(named)).to.deep.equal([BASIC])
    expect(out + err).not.to.contain('secret')
  })

  it('go to the registry that the source names', async () => {
    await run(['find', 'a', '--source', named.origin, ...LOGIN, ...store()], piped)
    expect(new Set(sent(named))).to.deep.equal(new Set([BASIC]))
    await run(['search', 'a', '--source', named.host, ...LOGIN, ...store()], piped)
    expect(sent(named).length).to.be.greaterThan(1)
  })

  it('do not go to a mirror of the registry', async () => {
    await setMirrors({ registry: named.host, urls: [other.origin] })
    await run(['pull', `${named.host}/a:1`, ...LOGIN, ...store()], piped)
    expect(other.seen).to.have.length(1)
    expect(sent(other)).to.deep.equal([])
    expect(sent(named)).to.deep.equal([BASIC])
  })

  it('do not go to a token service of theirs that a mirror names', async () => {
    other.handler = (_, response) =>
      json(response, 401, {}, { 'www-authenticate': `Bearer realm="${named.origin}/token",service="s"` })
    await setMirrors({ registry: named.host, urls: [other.origin], upstream: false })
    await run(['pull', `${named.host}/a:1`, ...LOGIN, ...store()], piped)
    expect(sent(named)).to.deep.equal([])
    expect(sent(other)).to.deep.equal([])
  })

  it('are refused where it is unclear whom they are for', async () => {
    for (const words of [
      ['pull', 'debian:12'],
      ['pull', `${named.host}/a:1`, `${other.host}/a:1`],
      ['find', 'a', '--source', './usb'],
    ]) {
      const { code, err } = await run([...words, ...LOGIN, ...store()], piped)
      expect(code, err).to.equal(2)
      expect(err).to.match(/names (no registry|several registries)/)
    }
    expect([...named.seen, ...other.seen]).to.deep.equal([])
  })

  it('belong together, and a password comes from a pipe only', async () => {
    const pull = ['pull', `${named.host}/a:1`, ...store()]
    for (const [words, input] of [
      [['--username', 'me'], piped],
      [['--password-stdin'], piped],
      [LOGIN, { piped: '\n' }],
      [LOGIN, { answer: 'the secret\n' }],
      [['--client-cert', 'x.pem'], piped],
    ] as const) {
      const { code, err } = await run([...pull, ...words], input)
      expect(code, err).to.equal(2)
    }
    expect(named.seen).to.deep.equal([])
  })

  describe('of login on a terminal', () => {
    const configured = (): string => path.join(process.env.HOME ?? '', 'docker')
    const kept = (): string => {
      const { auths } = JSON.parse(readFileSync(path.join(configured(), 'config.json'), 'utf8'))
      return `Basic ${auths[named.host].auth}`
    }
    const login = (answer: string, ...more: string[]) => run(['login', named.host, ...more], { answer })

    beforeEach(() => {
      process.env.DOCKER_CONFIG = configured()
    })

    it('are asked for, and the password is not shown', async () => {
      const { code, err, out } = await login('me\nthe secret\n')
      expect(code, err).to.equal(0)
      expect(err)
        .to.contain(`User name for ${named.host}: `)
        .and.to.contain(`Password of me for ${named.host}: `)
      expect(err + out).not.to.contain('secret')
      expect(kept()).to.equal(BASIC)
    })

    it('are asked for only as far as they are not given', async () => {
      const { code, err } = await login('the secret\n', '--username', 'me')
      expect(code, err).to.equal(0)
      expect(err).not.to.contain('User name')
      expect(kept()).to.equal(BASIC)
    })

    it('are not taken where nothing is answered, or Ctrl-C', async () => {
      for (const answer of ['', '\n', 'me\n', 'me\n\n'])
        expect((await login(answer)).code, answer).to.equal(2)
      expect((await login('me\nhalf\u0003')).code).to.equal(130)
      expect((await login('a:b\nsecret\n')).code).to.equal(2)
      expect(existsSync(configured())).to.equal(false)
    })

    it('are needed where there is no terminal', async () => {
      for (const words of [[], ['--username', 'me']]) {
        const { code, err } = await run(['login', named.host, ...words], piped)
        expect(code).to.equal(2)
        expect(err).to.contain('--password-stdin')
      }
    })
  })
})
