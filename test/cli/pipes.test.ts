import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import { bytesTo } from '../../cli/output/stdout-bytes.js'
import { save } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeSample } from '../fixtures/sample.js'
import { scratch } from '../scratch.js'

const PROGRAM = path.resolve('dist/bin/containerimage.js')
const isWindows = process.platform === 'win32'
const itOnUnix = isWindows ? it.skip : it

describe('pipes', () => {
  const { folder, remove } = scratch()
  let home: string
  let archives: Record<string, Buffer>
  after(remove)

  before(async () => {
    const made = folder()
    const names = [makeSample(made).folder]
    archives = {}
    for (const ending of ['tar', 'zip', '7z']) {
      const file = path.join(made, `saved.${ending}`)
      const isMade = await save({ names, path: file }).then(
        () => true,
        () => false,
      )
      if (isMade) archives[ending] = readFileSync(file)
    }
    expect(archives).to.include.keys('tar', 'zip')
  })

  beforeEach(() => {
    home = folder()
  })

  function environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: home,
      CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
      CONTAINERIMAGE_STORE: path.join(home, 'store'),
    }
  }

  function run(args: string[], input: Buffer | string = '', encoding?: 'utf8'): SpawnSyncReturns<string> {
    const given = { cwd: home, env: environment(), input, maxBuffer: 2 ** 26 }
    return spawnSync(process.execPath, [PROGRAM, ...args], {
      ...given,
      encoding: encoding ?? 'utf8',
    }) as SpawnSyncReturns<string>
  }

  /** As a shell runs it; on Windows cmd. */
  function shell(line: string): SpawnSyncReturns<string> {
    const options = { cwd: home, env: environment(), encoding: 'utf8' } as const
    if (isWindows)
      return spawnSync(line.replaceAll('CI', `"${process.execPath}" "${PROGRAM}"`), {
        ...options,
        shell: true,
      })
    return spawnSync('bash', ['-c', line.replaceAll('CI', `'${process.execPath}' '${PROGRAM}'`)], options)
  }

  function leftovers(): string[] {
    const ingest = path.join(home, 'store', 'ingest')
    return existsSync(ingest) ? readdirSync(ingest) : []
  }

  for (const ending of ['tar', 'zip', '7z'])
    it(`are read by install, verify and inspect where - stands for a ${ending}`, function () {
      const archive = archives[ending]
      if (!archive) return this.skip()
      const verified = run(['verify', '-'], archive)
      expect(verified.stdout, verified.stderr).to.match(/Verified \d+ blobs.*all is well/)
      const inspected = run(['inspect', '-'], archive)
      expect(JSON.parse(inspected.stdout)[0].tags.join()).to.match(/^(docker\.io\/library\/)?base:1\.2\.3$/)
      const installed = run(['install', '-', '--json'], archive)
      expect(installed.status, installed.stderr).to.equal(0)
      expect(run(['get']).stdout).to.match(/base +1\.2\.3/)
      expect(leftovers()).to.deep.equal([])
    })

  it('give no image a name, and are what load takes where nothing is named', () => {
    const layout = path.join(home, 'nameless')
    makeLayout(layout, [{ layers: [{ files: { a: 'a' } }] }])
    const tar = spawnSync('tar', ['-C', layout, '-c', '.'], { maxBuffer: 1e8 }).stdout
    const installed = run(['install', '-', '--json'], tar)
    expect(installed.status, installed.stderr).to.equal(0)
    expect(JSON.parse(installed.stdout).images[0]).to.include({ name: '', version: '' })
    expect(run(['get']).stdout).to.match(/<none> +<none>/)
    const named = run(['install', '-', '--name', 'given', '--version', '3', '--json'], tar)
    expect(JSON.parse(named.stdout).images[0]).to.include({ name: 'given', version: '3' })
    const nowhere = ['--engine', 'docker', '--engine-address', path.join(home, 'no.sock')]
    expect(run(['load', ...nowhere], tar).stderr).to.contain('ENGINE_UNREACHABLE')
    expect(run(['load', ...nowhere]).stderr).to.contain('Nothing came through stdin')
  })

  it('are told as stdin and not as the file that they were written to', () => {
    for (const bytes of [Buffer.alloc(5000, 7), Buffer.from('PK\u0003\u0004 cut'), Buffer.from('hello\n')]) {
      const { status, stdout, stderr } = run(['verify', '-'], bytes)
      expect(status).to.equal(4)
      expect(stdout + stderr)
        .to.contain('stdin')
        .and.not.contain('unpacked-')
        .and.not.contain(home)
    }
    expect(leftovers()).to.deep.equal([])
  })

  for (const word of ['install', 'verify', 'inspect'])
    it(`are refused by ${word} where nothing comes through them`, () => {
      const { status, stdout, stderr } = run([word, '-'])
      expect(status).to.equal(4)
      expect(stdout + stderr).to.match(/Nothing came through stdin|stdin/)
    })

  itOnUnix('of a shell are read: <(...) and /dev/stdin', () => {
    writeFileSync(path.join(home, 'a.tar'), archives.tar as Buffer)
    expect(shell('CI install <(cat a.tar)').stdout).to.match(/^Installed base 1\.2\.3/)
    expect(shell('CI verify <(cat a.tar) a.tar').stdout).to.contain('all is well')
    expect(shell('cat a.tar | CI verify /dev/stdin').stdout).to.contain('all is well')
    expect(shell('cat a.tar | CI verify /dev/fd/0').stdout).to.contain('all is well')
    expect(shell('CI inspect - < a.tar').stdout).to.contain('base:1.2.3')
    expect(leftovers()).to.deep.equal([])
  })

  itOnUnix('are read where a WIM comes through them', async () => {
    const file = path.join(home, 'saved.wim')
    await save({ names: [makeSample(path.join(home, 'sample')).folder], path: file })
    expect(run(['verify', '-'], readFileSync(file)).status).to.equal(0)
    const installed = run(['install', '-', '--json'], readFileSync(file))
    expect(installed.status, installed.stderr).to.equal(0)
    expect(JSON.parse(installed.stdout).images).to.have.length(1)
    const shown = shell(`CI verify <(cat '${file}') && CI install <(cat '${file}')`)
    expect(shown.status, shown.stderr).to.equal(0)
    expect(shown.stdout).to.include('all is well').and.include('was already there')
  })

  itOnUnix('with a name in a folder are refused by that name, and never waited for', () => {
    shell('mkfifo pipe')
    for (const word of ['install', 'verify', 'inspect', 'load', 'save --path .']) {
      const { status, stdout, stderr } = shell(`CI ${word} ./pipe`)
      expect(status, word).to.equal(4)
      expect(stdout + stderr, word).to.match(/pipe.* is a named pipe/)
    }
  })

  for (const words of [
    ['get', '-'],
    ['find', '-'],
    ['pull', '-'],
    ['serve', '-', '--listen', '127.0.0.1:0'],
    ['uninstall', '-'],
    ['tag', '-', 'a:1'],
    ['search', '-'],
  ])
    it(`are not passed over by ${words.join(' ')}`, () => {
      const { status, stdout, stderr } = run(words, archives.tar)
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' })
      expect(stderr).to.contain('- stands for standard input')
    })

  it('take one saved archive, with all that is said on stderr', () => {
    run(['install', '-'], archives.tar)
    for (const option of [
      ['--path', '-'],
      ['-o', '-'],
      ['--output=-'],
      ['-Path', '-'],
      ['-o', '-', '--json'],
      ['-o', '-', '--format', 'docker-archive'],
      ['-o', '-', '--format', 'zip'],
    ]) {
      const file = path.join(home, 'out')
      const { status, stderr } = shell(`CI save store/ ${option.join(' ')} > out`)
      expect(status, stderr).to.equal(0)
      expect(stderr).to.contain('base')
      expect(run(['verify', file]).stdout).to.contain('all is well')
    }
    expect(leftovers()).to.deep.equal([])
    expect(shell('CI save store/ -o - | CI verify -').stdout).to.contain('all is well')
  })

  it('have the bytes that a file would have', () => {
    mkdirSync(path.join(home, 'there'))
    writeFileSync(path.join(home, 'a.tar'), archives.tar as Buffer)
    expect(shell('CI save - --path - < a.tar > b.tar').status).to.equal(0)
    expect(shell('CI save ./a.tar --path c.tar').status).to.equal(0)
    expect(readFileSync(path.join(home, 'b.tar')).equals(readFileSync(path.join(home, 'c.tar')))).to.equal(
      true,
    )
  })

  for (const more of ['--format media', '--volume-size 1m', '--recovery 10%', '--with-tool', '--split 4g'])
    it(`take no save of several files: ${more}`, () => {
      writeFileSync(path.join(home, 'a.tar'), archives.tar as Buffer)
      const { status, stdout, stderr } = shell(`CI save ./a.tar --path - ${more}`)
      expect({ status, stdout }, stderr).to.deep.equal({ status: 2, stdout: '' })
    })

  it('fail a save whose reader goes away, as what it has is not an archive', async () => {
    for (const code of ['EPIPE', 'ENOSPC', 'EIO']) {
      const gone = new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
      })
      gone.on('error', () => {})
      const chunks = Readable.from([Buffer.from('a'), Buffer.from('b')])
      const error = await bytesTo(gone)(chunks).then(
        () => undefined,
        (failed) => failed,
      )
      expect(error?.code).to.equal(code === 'ENOSPC' ? 'NO_SPACE' : 'CANNOT_MAKE')
    }
  })

  it('are wanted for an archive, and no terminal', () => {
    const terminal = Object.assign(new Writable(), { isTTY: true })
    expect(() => bytesTo(terminal)).to.throw('not written to a terminal')
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    itOnUnix(`that never end are given up at ${signal}, and leave nothing`, async () => {
      const child = spawn(process.execPath, [PROGRAM, 'install', '-'], { cwd: home, env: environment() })
      child.stdin.write(Buffer.alloc(100_000, 1))
      while (!leftovers().some((name) => !name.endsWith('.lock'))) await once(setTimer(), 'done')
      child.kill(signal)
      const [code] = await once(child, 'exit')
      expect(code).to.equal(130)
      expect(leftovers()).to.deep.equal([])
    })
})

/** Emits `done` in a moment. */
function setTimer(): EventTarget {
  const target = new EventTarget()
  setTimeout(() => target.dispatchEvent(new Event('done')), 20)
  return target
}
