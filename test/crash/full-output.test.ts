import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { expect } from 'chai'
import { flushed, wholeOutput } from '../../cli/output/streams.js'
import { runCommandLine } from '../../cli/run-command-line.js'
import { get, install } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'

const PROGRAM = path.resolve('dist/bin/containerimage.js')
/** Every write to it fails as on a full disk. */
const FULL = '/dev/full'

describe('stdout on a full disk', () => {
  const temporary = scratch()
  let env: NodeJS.ProcessEnv
  let store: string
  let layout: string

  before(function () {
    if (!existsSync(FULL)) this.skip()
  })
  beforeEach(() => {
    const home = temporary.folder()
    store = path.join(home, 'store')
    layout = path.join(home, 'layout')
    const settings = path.join(home, 'settings')
    env = { ...process.env, CONTAINERIMAGE_CONFIG_DIR: settings, CONTAINERIMAGE_STORE: store }
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'b' } }] }])
  })
  afterEach(() => temporary.remove())

  function run(words: string[], { out = FULL, err }: { out?: string; err?: string } = {}) {
    const stdout = openSync(out, 'a')
    const stderr = err === undefined ? 'pipe' : openSync(err, 'a')
    try {
      const stdio = ['ignore', stdout, stderr] as const
      return spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8', env, stdio: [...stdio] })
    } finally {
      closeSync(stdout)
      if (typeof stderr === 'number') closeSync(stderr)
    }
  }

  for (const words of [
    ['get'],
    ['get', '--json'],
    ['--help'],
    ['--version'],
    ['config', 'list'],
    ['completion', 'zsh'],
  ])
    it(`is told by ${words.join(' ')}, which has nothing else to do`, () => {
      const { status, stderr } = run(words)
      expect(status).to.equal(6)
      expect(stderr).to.contain('NO_SPACE').and.to.contain('The output could not be written to stdout')
      expect(stderr)
        .not.to.contain('UNEXPECTED')
        .and.not.to.match(/^ +at /m)
    })

  it('is told by install together with what was done', async () => {
    const { status, stderr } = run(['install', layout, '--no-progress'])
    expect(status).to.equal(6)
    expect(stderr).to.match(
      /^Error NO_SPACE: This was done, but could not be reported on stdout: the disk is full\.$/m,
    )
    expect(stderr)
      .to.match(/^ {2}Installed base 1\.0/m)
      .and.to.match(/^ {2,}tagged base:1\.0/m)
    expect((await get({ store })).map((image) => image.tag)).to.include('1.0')
  })

  it('is told by save and by uninstall together with what was done, as one document with --json', async () => {
    await install({ targets: [layout], store })
    const folder = temporary.folder()
    for (const [words, done] of [
      [['save', 'base', '--source', store, '--path', folder], /base/],
      [['uninstall', 'base', '--version', '1.0'], /Uninstalled|base/],
    ] as const) {
      const { status, stderr } = run([...words, '--json'])
      expect(status, stderr).to.equal(6)
      const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
      expect(error.code).to.equal('NO_SPACE')
      expect(error.message.split('\n').slice(1).join('\n')).to.match(done)
    }
    expect(readdirSync(folder)).to.have.length(1)
    expect(await get({ store })).to.deep.equal([])
  })

  it('does not take the place of what was found: verify still ends with 4', async () => {
    await install({ targets: [layout], store })
    const blobs = path.join(store, 'blobs', 'sha256')
    const [blob = ''] = readdirSync(blobs)
    spawnSync('chmod', ['644', path.join(blobs, blob)])
    writeFileSync(path.join(blobs, blob), 'damaged')
    const { status, stderr } = run(['verify', '--no-progress'])
    expect(status).to.equal(4)
    expect(stderr).to.contain('Error NO_SPACE: ')
  })

  it('does not take the place of an error', () => {
    const { status, stderr } = run(['tag', 'a:1', 'b:1'])
    expect(status).to.equal(3)
    expect(stderr)
      .to.match(/^Error NOT_INSTALLED: /)
      .and.not.to.contain('NO_SPACE')
  })

  it('is no matter to what prints nothing', () => {
    expect(run(['install', layout, '--quiet'])).to.include({ status: 0, stderr: '' })
  })

  it('is told where it took a part of the output', () => {
    const out = path.join(temporary.folder(), 'out')
    const line = `ulimit -f 1; exec "$0" "$@" > "${out}"`
    for (const words of [['--help'], ['install', '--help'], ['save', '--help']]) {
      const { status, stderr } = spawnSync('bash', ['-c', line, process.execPath, PROGRAM, ...words], {
        encoding: 'utf8',
        env,
      })
      expect(readFileSync(out).length).to.equal(1024)
      expect(status).to.equal(6)
      expect(stderr).to.contain('the file may not be larger')
    }
  })

  it('leaves the exit code as it is where it is stderr, and nobody can be told', () => {
    const out = path.join(temporary.folder(), 'out')
    expect(run(['get', '--json'], { out, err: FULL }).status).to.equal(0)
    expect(readFileSync(out, 'utf8')).to.equal('[]\n')
    expect(run(['nonsense'], { out, err: FULL }).status).to.equal(2)
    expect(run(['install', layout], { out, err: FULL }).status).to.equal(0)
    expect(run(['get'], { out: FULL, err: FULL }).status).to.equal(6)
  })

  it('is not what a file is that takes all: large pieces and small ones stand in it in their order', async () => {
    const file = path.join(temporary.folder(), 'out')
    const fd = openSync(file, 'w')
    const out = wholeOutput(Object.assign(new PassThrough(), { fd }))
    const pieces = ['a'.repeat(3_000_000), '', 'b', 'ä'.repeat(100_000), '\n']
    for (const piece of pieces) out.write(piece)
    await flushed(out)
    closeSync(fd)
    expect(readFileSync(file, 'utf8') === pieces.join('')).to.equal(true)
  })
})

describe('a reader of stdout that goes away', () => {
  it('is no error, whatever is said to it', async () => {
    for (const words of [['--help'], ['completion', 'bash'], ['find', '--help'], ['--version']]) {
      const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout.destroy()
      let stderr = ''
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString('utf8')
      })
      const [code] = (await once(child, 'close')) as [number]
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    }
  })

  const errors = { EPIPE: 0, EOF: 0, ECONNRESET: 0, ENOSPC: 6, EDQUOT: 6, EFBIG: 6, EIO: 1, EBADF: 1 }
  for (const [code, exit] of Object.entries(errors))
    it(`and every other end of it has an exit code of ours: ${exit} for ${code}`, async () => {
      const stdout = new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })),
      })
      const stderr = new PassThrough()
      const ended = await runCommandLine(['--version'], {
        stdin: new PassThrough(),
        stdout,
        stderr,
        env: {},
        signal: new AbortController().signal,
      })
      expect(ended).to.equal(exit)
      const said = String(stderr.read() ?? '')
      if (exit === 0) expect(said).to.equal('')
      else expect(said).to.match(exit === 6 ? /^Error NO_SPACE: / : /^Error CANNOT_MAKE: /)
    })
})
