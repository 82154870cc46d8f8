import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { askHelper } from '../../../provider/registry/credential-helper.js'
import { Credentials } from '../../../provider/registry/credentials.js'
import { scratch } from '../../scratch.js'
import { dockerConfig } from './docker-config.js'

describe('credentials', () => {
  const temporary = scratch()
  let notes: string[]
  beforeEach(() => {
    notes = []
  })
  after(() => temporary.remove())

  const note = (line: string) => notes.push(line)
  const inFile = (file: string, environment: NodeJS.ProcessEnv = {}) =>
    new Credentials(environment, file, note)
  const password = (pair: string) => {
    const [username, word] = pair.split(':')
    return { kind: 'password', username, password: word }
  }

  it('come from auths, under any spelling that docker has used for a host', async () => {
    for (const key of ['r.example', 'https://r.example', 'https://r.example/v1/', 'http://R.example/v2/']) {
      const file = dockerConfig(temporary.folder(), { [key]: 'user:secret' })
      expect(await inFile(file).of('r.example'), key).to.deep.equal(password('user:secret'))
    }
  })

  it('of another host, port or path are not taken', async () => {
    const auths = { 'r.example:5000': 'a:b', 'x.r.example': 'a:b', 'r.example/other': 'a:b', example: 'a:b' }
    const file = dockerConfig(temporary.folder(), auths)
    expect(await inFile(file).of('r.example', 'team/app')).to.equal(undefined)
  })

  it('of the longest path win', async () => {
    const auths = { 'r.example': 'all:1', 'r.example/team': 'team:2', 'r.example/team/app': 'app:3' }
    const credentials = inFile(dockerConfig(temporary.folder(), auths))
    expect(await credentials.of('r.example', 'team/app')).to.deep.equal(password('app:3'))
    expect(await credentials.of('r.example', 'team/else')).to.deep.equal(password('team:2'))
    expect(await credentials.of('r.example', 'teams')).to.deep.equal(password('all:1'))
  })

  it('of Docker Hub are found under its old key', async () => {
    const file = dockerConfig(temporary.folder(), { 'https://index.docker.io/v1/': 'user:secret' })
    for (const name of ['docker.io', 'index.docker.io', 'registry-1.docker.io'])
      expect(await inFile(file).of(name), name).to.deep.equal(password('user:secret'))
  })

  it('may have colons in the password', async () => {
    const file = dockerConfig(temporary.folder(), { 'r.example': 'user:a:b:c' })
    expect(await inFile(file).of('r.example')).to.deep.include({ username: 'user', password: 'a:b:c' })
  })

  it('are looked for where podman and docker keep them', async () => {
    const home = temporary.folder()
    const put = (user: string, ...parts: string[]) => {
      const folder = path.join(home, ...parts.slice(0, -1))
      mkdirSync(folder, { recursive: true })
      const auth = Buffer.from(`${user}:x`).toString('base64')
      writeFileSync(path.join(home, ...parts), JSON.stringify({ auths: { 'r.example': { auth } } }))
      return path.join(home, ...parts)
    }
    const user = async (environment: NodeJS.ProcessEnv) => {
      const found = await new Credentials(environment, undefined, note).of('r.example')
      return found?.kind === 'password' ? found.username : undefined
    }
    put('docker', '.docker', 'config.json')
    expect(await user({ HOME: home })).to.equal('docker')
    put('other', 'docker-config', 'config.json')
    expect(await user({ HOME: home, DOCKER_CONFIG: path.join(home, 'docker-config') })).to.equal('other')
    put('config', '.config', 'containers', 'auth.json')
    expect(await user({ HOME: home })).to.equal('config')
    put('runtime', 'run', 'containers', 'auth.json')
    const runtime = { HOME: home, XDG_RUNTIME_DIR: path.join(home, 'run') }
    expect(await user(runtime)).to.equal('runtime')
    const REGISTRY_AUTH_FILE = put('named', 'named.json')
    expect(await user({ ...runtime, REGISTRY_AUTH_FILE })).to.equal('named')
    expect(await user({})).to.equal(undefined)
    expect(notes).to.deep.equal([])
  })

  it('in a broken file are passed over, with a note that shows nothing of it', async () => {
    const file = path.join(temporary.folder(), 'config.json')
    writeFileSync(file, '{"auths": {"r.example": {"auth": "c2VjcmV0')
    expect(await inFile(file).of('r.example')).to.equal(undefined)
    expect(notes).to.have.length(1)
    expect(notes[0]).to.contain(file).and.not.to.contain('c2Vj')
  })

  it('in entries of a wrong form are none', async () => {
    const auths = { a: null, b: { auth: 7 }, c: { auth: '!' }, d: { username: 'only' }, e: [] }
    const file = dockerConfig(temporary.folder(), {}, { auths, credHelpers: 'x', credsStore: 5 })
    for (const host of Object.keys(auths)) expect(await inFile(file).of(host), host).to.equal(undefined)
    // Only what was meant for credentials is worth a word.
    expect(notes).to.have.length(1)
    expect(notes[0]).to.contain(file).and.contain(' for c ')
  })

  for (const [what, auth] of [
    ['a token alone', Buffer.from('glpat-secret').toString('base64')],
    ['what is not base64', 'glpat-secret:x'],
    ['no password', Buffer.from('glpat-secret:').toString('base64')],
  ] as const)
    it(`are passed over with a note that shows nothing of them where they are ${what}`, async () => {
      const file = dockerConfig(temporary.folder(), {}, { auths: { 'r.example': { auth } } })
      expect(await inFile(file).of('r.example')).to.equal(undefined)
      expect(notes).to.have.length(1)
      expect(notes[0]).to.contain('r.example').and.not.to.contain('glpat').and.not.to.contain(auth)
    })

  describe('from a helper program', () => {
    // The helper of this test is a shell script.
    before(function () {
      if (process.platform === 'win32') this.skip()
    })

    /** A folder with `docker-credential-test`, which writes down what it is asked. */
    function helper(script: string): { PATH: string; asked: () => string } {
      const folder = temporary.folder()
      const program = path.join(folder, 'docker-credential-test')
      writeFileSync(program, `#!/bin/sh\necho "$1 $(cat)" >> "${folder}/asked"\n${script}\n`)
      chmodSync(program, 0o755)
      const asked = () => readFileSync(path.join(folder, 'asked'), 'utf8')
      return { PATH: `${folder}:${process.env.PATH}`, asked }
    }
    const gives = (username: string, secret: string) =>
      `echo '${JSON.stringify({ ServerURL: 'x', Username: username, Secret: secret })}'`

    it('are asked for one host by credHelpers, once', async () => {
      const { PATH, asked } = helper(gives('user', 'secret'))
      const file = dockerConfig(temporary.folder(), {}, { credHelpers: { 'r.example': 'test' } })
      const credentials = inFile(file, { PATH })
      expect(await credentials.of('r.example', 'a')).to.deep.equal(password('user:secret'))
      await credentials.of('r.example', 'a')
      expect(await credentials.of('other.example')).to.equal(undefined)
      expect(asked()).to.equal('get r.example\n')
    })

    for (const key of ['https://r.example', 'https://r.example/v2/', 'R.Example'])
      it(`are asked for one host by credHelpers that says ${key}`, async () => {
        const { PATH, asked } = helper(gives('user', 'secret'))
        const file = dockerConfig(temporary.folder(), {}, { credHelpers: { [key]: 'test' } })
        expect(await inFile(file, { PATH }).of('r.example')).to.deep.equal(password('user:secret'))
        expect(asked()).to.equal('get r.example\n')
      })

    it('that gives no answer are none, also where what it has started goes on', async () => {
      for (const script of ['exec sleep 60', 'sleep 60 & wait']) {
        notes = []
        const { PATH } = helper(script)
        expect(await askHelper('test', 'r.example', { PATH }, note, 300)).to.equal(undefined)
        expect(notes).to.have.length(1)
        expect(notes[0]).to.contain('docker-credential-test gives no answer for r.example')
      }
    })

    it('are asked for every host by credsStore, Docker Hub by its key', async () => {
      const { PATH, asked } = helper(gives('user', 'secret'))
      const file = dockerConfig(temporary.folder(), {}, { credsStore: 'test' })
      await inFile(file, { PATH }).of('docker.io')
      expect(asked()).to.equal('get https://index.docker.io/v1/\n')
    })

    it('may be an identity token', async () => {
      const { PATH } = helper(gives('<token>', 'refresh'))
      const file = dockerConfig(temporary.folder(), {}, { credsStore: 'test' })
      expect(await inFile(file, { PATH }).of('r')).to.deep.equal({ kind: 'identity', token: 'refresh' })
    })

    it('that it does not have are looked for in the file, without a word', async () => {
      const { PATH } = helper('echo "credentials not found in native keychain"; exit 1')
      const file = dockerConfig(temporary.folder(), { r: 'user:secret' }, { credsStore: 'test' })
      expect(await inFile(file, { PATH }).of('r')).to.deep.equal(password('user:secret'))
      expect(notes).to.deep.equal([])
    })

    it('that fails or prints nonsense are none, with a note that shows nothing of it', async () => {
      for (const script of [
        'echo secret; exit 3',
        'echo secret',
        'echo \'{"Username":7,"Secret":"secret"}\'',
      ]) {
        notes = []
        const { PATH } = helper(script)
        const file = dockerConfig(temporary.folder(), {}, { credsStore: 'test' })
        expect(await inFile(file, { PATH }).of('r')).to.equal(undefined)
        expect(notes).to.have.length(1)
        expect(notes[0]).to.contain('docker-credential-test').and.not.to.contain('secret')
      }
    })

    it('that is not there are none', async () => {
      const file = dockerConfig(temporary.folder(), {}, { credsStore: 'missing' })
      expect(await inFile(file, { PATH: process.env.PATH }).of('r')).to.equal(undefined)
      expect(notes).to.deep.equal(['docker-credential-missing cannot be run; going on without it.'])
    })

    for (const credsStore of ['../../bin/sh', 'a/b', 'a b', '-x', 'x;y'])
      it(`that is called ${credsStore} are none, and it is not run`, async () => {
        const file = dockerConfig(temporary.folder(), {}, { credsStore })
        expect(await inFile(file, { PATH: process.env.PATH }).of('r')).to.equal(undefined)
        expect(notes).to.have.length(1)
        expect(notes[0]).to.contain('it is not run')
      })
  })
})
