import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { Command } from '../../cli/command/command.js'
import { allCommands } from '../../cli/commands/index.js'
import { run } from '../cli/command/run.js'
import { restoreEnvironment } from '../environment.js'
import { makeWim } from '../fixtures/wim.js'
import {
  type FaultyServer,
  json,
  type Seen,
  serve,
  startFaultyServer,
} from '../provider/registry/faulty-server.js'
import { scratch } from '../scratch.js'

const SIGNATURE = 'S1gnatureOfASource'
const PASSWORD = 'Pa$sw0rd"of\'some:one%2F'
const IN_URL = 'Pa55wordInAnUrl'
const TOKEN = 'RefreshT0kenOfSomeone'
/** Of an identity of age, behind what all of them begin with. */
const IDENTITY = 'QQPQQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQ'

/** Each as it is, in JSON, in a URL and in a Basic header. */
const FORMS = [SIGNATURE, PASSWORD, IN_URL, TOKEN, IDENTITY].flatMap((secret) => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(`me:${secret}`).toString('base64'),
])

describe('secrets of locations and logins (nowhere in output, errors, logs and what is saved)', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  let server: FaultyServer
  let home: string
  let wim: Buffer

  before(async () => {
    const file = path.join(temporary.folder(), 'nano.wim')
    await makeWim(file)
    wim = readFileSync(file)
    server = await startFaultyServer(() => undefined)
  })
  after(() => server.stop())
  beforeEach(() => {
    home = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.HOME = home
    process.env.CONTAINERIMAGE_STORE = path.join(home, 'store')
    server.handler = withIndex
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  /** An index of the original's kind, whose files have signatures of their own. */
  const withIndex = (request: Seen, response: Parameters<FaultyServer['handler']>[1]): unknown => {
    const image = (name: string, file: string) => ({
      ...{ Name: name, Version: '10.0.1.1', Description: 'd' },
      SasToken: `${server.origin}/${file}?sv=1&sig=${SIGNATURE}`,
    })
    if (request.url.startsWith('/index.json'))
      return json(response, 200, [image('Nano', 'nano.wim'), image('Gone', 'gone.wim')])
    return request.url.startsWith('/nano.wim') ? serve(request, response, wim) : json(response, 404, {})
  }

  const FORMS_OF_OUTPUT = [['--verbose'], ['--json', '--verbose'], ['--progress', 'json']]

  /** Runs a line in every form of output; none of them, nor any file but the settings, may have a secret. */
  async function tells(words: string[], piped?: string): Promise<string> {
    let all = ''
    for (const form of FORMS_OF_OUTPUT) {
      const { out, err } = await run([...words, ...form], piped === undefined ? undefined : { piped })
      all += out + err
      expect(leaks(out + err), words.join(' ')).to.deep.equal([])
    }
    return all
  }

  function leaks(text: string): string[] {
    const lines = text.split('\n')
    return lines.filter((line) => FORMS.some((form) => line.includes(form)))
  }

  function leakingFiles(): string[] {
    return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const file = path.join(home, name)
      return statSync(file).isFile() && leaks(readFileSync(file, 'latin1')).length > 0
    })
  }

  it('are not told of an index with a signature: found, saved, carried, installed, with a receipt', async () => {
    const index = `${server.origin}/index.json?sig=${SIGNATURE}`
    const into = (name: string) => ['--path', path.join(home, name), '--force']
    const found = await tells(['find', '--source', index, '--all-versions'])
    expect(found).to.contain(`${server.origin}/index.json?***`)
    await tells(['search', 'Nano', '--source', index])
    await tells(['save', 'Nano', '--source', index, ...into('files/')])
    await tells(['save', 'Nano', '--source', index, '--format', 'media', ...into('media')])
    await tells(['save', 'Gone', '--source', index, ...into('files')])
    await tells(['save', 'Nan', '--source', index, ...into('files')])
    await tells(['install', 'Nano', '--source', index, '--force', '--what-if'])
    await tells(['install', 'Nano', '--source', index, '--force', '--receipt', path.join(home, 'r.jsonl')])
    await tells(['receipt', 'show', path.join(home, 'r.jsonl')])
    await tells(['inspect', 'Nano'])
    await tells(['inventory', '--path', path.join(home, 'inventory.json')])
    await tells(['verify', path.join(home, 'media')])
    expect(leakingFiles()).to.deep.equal([])
  })

  it('are not told of a registered source, which has them all the same', async () => {
    const index = `${server.origin}/index.json?sig=${SIGNATURE}`
    await tells(['source', 'add', 'gallery', index, '--what-if'])
    await tells(['source', 'add', 'gallery', index])
    const list = await tells(['source', 'list'])
    expect(list).to.contain(`${server.origin}/index.json?***`)
    expect(await tells(['find', '--source', 'gallery'])).to.contain('Nano')
    expect(await tells(['config', 'list'])).not.to.contain('gallery')
    expect(leakingFiles()).to.deep.equal([path.join('settings', 'settings.json')])
    await tells(['source', 'remove', 'gallery', '--what-if'])
    await tells(['source', 'remove', 'gallery'])
    expect(leakingFiles()).to.deep.equal([])
  })

  for (const words of [
    ['find', '--source', `https://me:${IN_URL}@h.invalid`],
    ['find', 'x', '--source', `http://127.0.0.1:1/i.json?sig=${SIGNATURE}#${SIGNATURE}`],
    ['find', 'x', '--source', `ftp://me:${IN_URL}@h.invalid/?${SIGNATURE}`],
    ['source', 'add', 'x', `https://me:${IN_URL}@h.invalid`],
    ['source', 'add', 'x', `https://h.invalid/a?${SIGNATURE}`, '--type', 'registry'],
    ['source', 'add', `https://me:${IN_URL}@h.invalid`, './x'],
    ['source', 'remove', `https://h.invalid/?${SIGNATURE}`],
    ['pull', `me:${IN_URL}@127.0.0.1:1/demo:1.0`, '--source', './none'],
    ['install', `https://me:${IN_URL}@127.0.0.1:1/a.tar?x=${SIGNATURE}`],
    ['save', `https://127.0.0.1:1/a.tar?sig=${SIGNATURE}`, '--path', '.'],
    ['save', 'demo', '--base', `https://127.0.0.1:1/a?sig=${SIGNATURE}`, '--path', '.', '--source', './none'],
    ['verify', `https://127.0.0.1:1/a.tar?sig=${SIGNATURE}`],
    ['push', 'demo:1.0', `https://me:${IN_URL}@127.0.0.1:1/x`],
    ['config', 'set', 'mirrors.docker.io', `https://me:${IN_URL}@m.invalid`],
    ['config', 'set', 'mirrors.docker.io', `https://me:${IN_URL}@m.invalid`, '--what-if'],
    ['config', 'set', `https://me:${IN_URL}@m.invalid`, 'x'],
    ['config', 'get', `https://me:${IN_URL}@m.invalid`],
    ['load', 'demo:1.0', '--engine', 'docker', '--engine-address', `tcp://me:${IN_URL}@127.0.0.1:1`],
    ['load', 'demo:1.0', '--engine', 'docker', '--engine-address', `ssh://me:${IN_URL}@127.0.0.1:1`],
    ['load', 'demo:1.0', '--engine-address', `tcp://me:${IN_URL}@127.0.0.1:1`],
    ['get', '--engine', 'podman', '--engine-address', `tcp://me:${IN_URL}@127.0.0.1:1`],
    ['get', '--engine', 'containerd', '--engine-address', `unix://me:${IN_URL}@/x.sock`],
    ['get', `https://h.invalid/?${SIGNATURE}`, '--x'],
    [`https://me:${IN_URL}@m.invalid`],
  ])
    it(`are not told by ${words.join(' ').replaceAll(IN_URL, '...').replaceAll(SIGNATURE, '...')}`, () =>
      tells(words))

  it('are not told by any command that has one in every word that it takes', async () => {
    const secret = `ftp://me:${IN_URL}@h.invalid/x?sig=${SIGNATURE}`
    // These two listen until somebody stops them.
    const commands = (await allCommands()).filter(({ name }) => !['serve', 'ui'].includes(name))
    for (const { path: words, required } of commands.flatMap((command) => pathsOf(command))) {
      const { out, err } = await run([...words, ...required.map(() => secret), '--what-if', '--verbose'])
      expect(leaks(out + err), words.join(' ')).to.deep.equal([])
    }
    expect(leakingFiles()).to.deep.equal([])
  })

  it('are not told of the page of a media, and not of receipts that come back', async () => {
    const index = `${server.origin}/index.json?sig=${SIGNATURE}`
    const media = path.join(home, 'media')
    await tells(['save', 'Nano', '--source', index, '--format', 'media', '--path', media, '--force'])
    await tells(['install', media, '--receipt', media])
    await tells(['media', 'status', media])
    await tells(['receipt', 'verify', path.join(home, 'store', 'receipts.jsonl')])
    expect(readFileSync(path.join(media, 'index.html'), 'utf8')).to.contain('Nano')
    expect(leakingFiles()).to.deep.equal([])
  })

  it('are not told of an identity of age, whether it opens a file or is taken for something else', async () => {
    const file = path.join(home, 'key')
    const other = path.join(home, 'other')
    writeFileSync(file, `AGE-SECRET-KEY-1${IDENTITY}\n`)
    writeFileSync(other, 'age-encryption.org/v1\n-> X25519 x\nx\n--- x\n0123456789abcdefghij')
    const into = ['--path', path.join(home, 'x.tar'), '--source', './none']
    await tells(['verify', other, '--identity', file])
    await tells(['verify', other, '--identity', `AGE-SECRET-KEY-1${IDENTITY}`])
    await tells(['save', 'demo', '--encrypt-to', `AGE-SECRET-KEY-1${IDENTITY}`, ...into])
    await tells(['save', 'demo', '--recipients', file, ...into])
    expect(leakingFiles()).to.deep.equal(['key'])
  })

  it('are not told by a gate: neither its command nor where it looked', async () => {
    const index = `${server.origin}/index.json?sig=${SIGNATURE}`
    const media = path.join(home, 'media')
    const gate = `"${process.execPath}" -e 0 {} --token=${TOKEN}`
    await tells([
      'save',
      'Nano',
      '--source',
      index,
      '--format',
      'media',
      '--path',
      media,
      '--force',
      '--gate',
      gate,
    ])
    await tells(['install', media, '--receipt', media, '--gate', gate])
    await tells([
      'install',
      media,
      '--force',
      '--receipt',
      media,
      '--gate',
      gate.replace('-e 0', '-e process.exit(1)'),
    ])
    expect(leakingFiles()).to.deep.equal([])
  })

  it('are not told of a mirror that somebody wrote into the settings', async () => {
    await run(['config', 'set', 'mirrors.reg.invalid', 'https://m.invalid'])
    const file = path.join(home, 'settings', 'settings.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('m.invalid', `me:${IN_URL}@127.0.0.1:1`))
    await tells(['config', 'list'])
    await tells(['config', 'get', 'mirrors.reg.invalid'])
    await tells(['mirror-config', 'podman'])
    await tells(['pull', 'reg.invalid/demo:1.0'])
  })

  it('are not told where a registry or its token service repeats what it was sent', async () => {
    server.handler = ({ headers, url, body }, response) => {
      const sent = headers.authorization ?? ''
      const pair = Buffer.from(sent.replace(/^\w+ /, ''), 'base64').toString()
      const message = `you sent ${sent}, which is ${pair}, ${encodeURIComponent(pair)}, ${body}`
      const isToken = url.startsWith('/token')
      const challenge = `Bearer realm="${server.origin}/token",service="x"`
      json(
        response,
        isToken ? 404 : 401,
        { errors: [{ code: sent || 'X', message }] },
        {
          'www-authenticate': url.includes('basic') ? 'Basic realm="x"' : challenge,
        },
      )
    }
    const login = ['--username', 'me', '--password-stdin']
    const refused = await tells(['pull', `${server.host}/basic:1.0`, ...login], `${PASSWORD}\n`)
    expect(refused).to.contain('you sent')
    await tells(['pull', `${server.host}/demo:1.0`, ...login], `${PASSWORD}\n`)
    const auth = { auths: { [server.host]: { identitytoken: TOKEN } } }
    const config = path.join(home, '.docker')
    process.env.DOCKER_CONFIG = config
    mkdirSync(config)
    writeFileSync(path.join(config, 'config.json'), JSON.stringify(auth))
    await tells(['pull', `${server.host}/demo:1.0`])
  })
})

/** Each word that a command is called by, with how many words it needs behind it. */
function pathsOf(command: Command, before: string[] = []): { path: string[]; required: string[] }[] {
  const words = [...before, command.name]
  const { subcommands = [], positionals = [] } = command
  const required = positionals.filter((one) => one.required || one.many).map(({ name }) => name)
  const own = subcommands.length > 0 && positionals.length === 0 ? [] : [{ path: words, required }]
  return [...own, ...subcommands.flatMap((one) => pathsOf(one, words))]
}
