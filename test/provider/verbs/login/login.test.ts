import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { login, logout, type ProgressEvent } from '../../../../provider/index.js'
import { run } from '../../../cli/command/run.js'
import { restoreEnvironment } from '../../../environment.js'
import { scratch } from '../../../scratch.js'
import { type FaultyServer, json, startFaultyServer } from '../../registry/faulty-server.js'
import { failure } from '../failure.js'

describe('logging in', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  let server: FaultyServer
  let docker: string
  let file: string

  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  before(async () => {
    server = await startFaultyServer((request, response) =>
      request.headers.authorization === basic('me', 's3cret')
        ? json(response, 200, {})
        : json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' }),
    )
  })
  after(() => server.stop())
  beforeEach(() => {
    const home = temporary.folder()
    docker = path.join(home, '.docker')
    file = path.join(docker, 'config.json')
    process.env.HOME = home
    process.env.DOCKER_CONFIG = docker
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.CONTAINERIMAGE_STORE = path.join(home, 'store')
    delete process.env.REGISTRY_AUTH_FILE
    delete process.env.XDG_RUNTIME_DIR
    delete process.env.XDG_CONFIG_HOME
    server.seen.length = 0
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  const kept = () => JSON.parse(readFileSync(file, 'utf8'))
  const keep = (value: unknown): void => {
    mkdirSync(docker, { recursive: true })
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  }
  /** `/v2/` is not in what this server has seen; this is one that checks there too. */
  const guarded = async (wanted: string) => {
    const { createServer } = await import('node:http')
    const seen: (string | undefined)[] = []
    const listening = createServer((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization === wanted) response.end('{}')
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('{}')
    })
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    const { port } = listening.address() as { port: number }
    return { host: `127.0.0.1:${port}`, seen, stop: () => listening.close() }
  }

  it('keeps what the registry has checked as docker does, for nobody else to read', async () => {
    const registry = await guarded(basic('me', 's3cret'))
    const { host } = registry
    keep({
      HttpHeaders: { a: 'b' },
      auths: { [`http://${host}/v1/`]: { auth: 'b2xkOm9sZA==' }, other: { auth: 'x' } },
    })
    const result = await login({ registry: `http://${host}/`, username: 'me', password: 's3cret' })
    registry.stop()
    expect(result).to.deep.equal({ registry: host, username: 'me', file, checked: true })
    const auth = Buffer.from('me:s3cret').toString('base64')
    expect(kept()).to.deep.equal({
      HttpHeaders: { a: 'b' },
      auths: { other: { auth: 'x' }, [host]: { auth } },
    })
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).to.equal(0o600)
  })

  for (const [user, password] of [
    ['me', 'wrong'],
    ['you', 's3cret'],
    ['me', ''],
  ] as const)
    it(`keeps nothing of ${user}:${password} that the registry refuses`, async () => {
      const registry = await guarded(basic('me', 's3cret'))
      const before = { auths: { [registry.host]: { auth: 'b2xkOm9sZA==' } } }
      keep(before)
      await failure(login({ registry: registry.host, username: user, password }), 'UNAUTHORIZED')
      registry.stop()
      expect(kept()).to.deep.equal(before)
    })

  it('says of a registry that asks nobody that nothing was checked', async () => {
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void =>
      void (event.type === 'note' && notes.push(event.message))
    const result = await login({ registry: server.host, username: 'me', password: 'any', onProgress })
    expect(result.checked).to.equal(false)
    expect(notes.join()).to.contain('does not ask for credentials')
  })

  it('gives nothing to a token service of another site, and keeps nothing', async () => {
    const { createServer } = await import('node:http')
    const seen: (string | undefined)[] = []
    const realm = await startFaultyServer((request, response) => {
      seen.push(request.headers.authorization)
      return json(response, 200, { token: 'anonymous' })
    })
    const listening = createServer((request, response) => {
      if (request.headers.authorization) response.end('{}')
      else
        response
          .writeHead(401, {
            'www-authenticate': `Bearer realm="http://localhost:${realm.host.split(':')[1]}/t"`,
          })
          .end('{}')
    })
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    const { port } = listening.address() as { port: number }
    await failure(
      login({ registry: `127.0.0.1:${port}`, username: 'me', password: 's3cret' }),
      'UNAUTHORIZED',
    )
    listening.close()
    await realm.stop()
    expect(seen.filter((value) => value !== undefined)).to.deep.equal([])
    expect(existsSync(file)).to.equal(false)
  })

  it('keeps them with the helper that the file names, and forgets them there', async function () {
    if (process.platform === 'win32') this.skip()
    const folder = temporary.folder()
    const helper = path.join(folder, 'docker-credential-test')
    writeFileSync(
      helper,
      `#!/bin/sh\necho "$@" >> ${folder}/calls; cat >> ${folder}/input; echo >> ${folder}/input\n`,
    )
    chmodSync(helper, 0o755)
    process.env.PATH = `${folder}:${process.env.PATH}`
    keep({ credHelpers: { [server.host]: 'test' } })
    const result = await login({ registry: server.host, username: 'me', password: 's3cret' })
    expect(result.helper).to.equal('test')
    expect(readFileSync(`${folder}/calls`, 'utf8').split('\n')).to.include('store')
    expect(readFileSync(`${folder}/calls`, 'utf8')).not.to.contain('s3cret')
    expect(readFileSync(`${folder}/input`, 'utf8')).to.contain(
      JSON.stringify({ ServerURL: server.host, Username: 'me', Secret: 's3cret' }),
    )
    expect(kept().auths).to.deep.equal({ [server.host]: {} })
    expect((await logout({ registry: server.host })).removed).to.equal(true)
    expect(readFileSync(`${folder}/calls`, 'utf8').split('\n')).to.include('erase')
    expect(kept().auths).to.deep.equal({})
  })

  it('fails where the helper does, and leaves the file as it was', async function () {
    if (process.platform === 'win32') this.skip()
    const folder = temporary.folder()
    const helper = path.join(folder, 'docker-credential-test')
    writeFileSync(helper, '#!/bin/sh\ncat > /dev/null\necho it is locked\nexit 1\n')
    chmodSync(helper, 0o755)
    process.env.PATH = `${folder}:${process.env.PATH}`
    keep({ credsStore: 'test' })
    await failure(
      login({ registry: server.host, username: 'me', password: 's3cret' }),
      'CREDENTIALS_NOT_KEPT',
    )
    expect(kept()).to.deep.equal({ credsStore: 'test' })
  })

  for (const text of ['{ "auths": ', '[]', '"x"'])
    it(`leaves a file alone that is not what docker writes: ${text}`, async () => {
      keep(text)
      const error = await failure(
        login({ registry: server.host, username: 'me', password: 's3cret' }),
        'SETTINGS_UNREADABLE',
      )
      expect(error.message + error.remedy).not.to.contain('s3cret')
      expect(readFileSync(file, 'utf8')).to.equal(text)
    })

  it('writes where a link leads, and keeps the link', async function () {
    if (process.platform === 'win32') this.skip()
    const elsewhere = path.join(temporary.folder(), 'mine.json')
    writeFileSync(elsewhere, '{}')
    mkdirSync(docker)
    symlinkSync(elsewhere, file)
    await login({ registry: server.host, username: 'me', password: 's3cret' })
    expect(JSON.parse(readFileSync(elsewhere, 'utf8')).auths).to.have.property(server.host)
  })

  it('of two at once loses neither', async () => {
    const other = await startFaultyServer((_, response) => json(response, 200, {}))
    await Promise.all(
      [server, other].map(({ host }) => login({ registry: host, username: 'me', password: 's3cret' })),
    )
    await other.stop()
    expect(Object.keys(kept().auths).sort()).to.deep.equal([server.host, other.host].sort())
  })

  it('names files of podman that are asked first', async () => {
    const podman = path.join(temporary.folder(), 'auth.json')
    writeFileSync(podman, JSON.stringify({ auths: { [server.host]: { auth: 'eDp5' } } }))
    process.env.REGISTRY_AUTH_FILE = podman
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void =>
      void (event.type === 'note' && notes.push(event.message))
    await login({ registry: server.host, username: 'me', password: 's3cret', onProgress })
    expect(notes.join()).to.contain(podman)
    expect(await logout({ registry: server.host })).to.deep.equal({
      registry: server.host,
      removed: true,
      remaining: [podman],
    })
  })

  it('keeps what is for Docker Hub under the name that docker knows', async () => {
    keep({ auths: { 'https://index.docker.io/v1/': { auth: 'eDp5' }, a: {} } })
    expect((await logout({})).removed).to.equal(true)
    expect(kept().auths).to.deep.equal({ a: {} })
    expect(await logout({ registry: 'docker.io' })).to.include({ removed: false })
  })

  it('takes the password from stdin alone, and shows it nowhere', async () => {
    const words = ['login', server.host, '--username', 'me', '--password-stdin', '--verbose']
    const { code, out, err } = await run(words, { piped: 's3cret\n' })
    expect(code, err).to.equal(0)
    expect(out + err).not.to.contain('s3cret')
    expect(kept().auths[server.host].auth).to.equal(Buffer.from('me:s3cret').toString('base64'))
    expect((await run(['login', server.host, '--username', 'me'])).code).to.equal(2)
    expect((await run(['login', server.host, '--username', 'me', '--password', 'x'])).code).to.equal(2)
    expect((await run(['logout', server.host])).out).to.contain('Removed the credentials')
  })
})
