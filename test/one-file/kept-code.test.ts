import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { scratch } from '../scratch.js'

const PACKAGED = 'dist/bin/containerimage.js'
const HEADER = 'REPOSITORY   TAG   IMAGE ID   CREATED   SIZE   CONTENT\n'
const isWindows = process.platform === 'win32'

describe('the code of the program that is kept between runs', () => {
  const temporary = scratch()
  let data: string
  let folder: string

  beforeEach(() => {
    data = temporary.folder()
    folder = path.join(data, 'containerimage', 'code')
  })
  afterEach(() => temporary.remove())

  /** What a run of `get` puts out, with nothing in the store. */
  function get(program = PACKAGED, more: NodeJS.ProcessEnv = {}): string {
    const { NODE_DISABLE_COMPILE_CACHE: _, ...environment } = process.env
    const places = { XDG_DATA_HOME: data, LOCALAPPDATA: data, HOME: data }
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program, 'get', '--store', path.join(data, 'store')],
      {
        encoding: 'utf8',
        env: { ...environment, ...places, ...more },
      },
    )
    return stdout + stderr
  }

  function keptFile(): string {
    const [name = '', ...others] = readdirSync(folder)
    expect(others).to.deep.equal([])
    return path.join(folder, name)
  }

  if (process.platform === 'darwin') return

  it('is written by the first run of a command, for its user alone, and used by the next', () => {
    expect(get()).to.equal(HEADER)
    const file = keptFile()
    const { mode, mtimeMs } = statSync(file)
    if (!isWindows) expect(mode & 0o777).to.equal(0o600)
    expect(get()).to.equal(HEADER)
    expect(statSync(file).mtimeMs).to.equal(mtimeMs)
  })

  it('is not run where it is damaged, cut short or not of this program, but made again', () => {
    get()
    const file = keptFile()
    const whole = readFileSync(file)
    const damaged = Buffer.from(whole)
    damaged[whole.length - 1000] = (whole[whole.length - 1000] ?? 0) ^ 0xff
    for (const bytes of [damaged, whole.subarray(0, 5000), Buffer.from('text'), Buffer.alloc(0)]) {
      writeFileSync(file, bytes)
      expect(get()).to.equal(HEADER)
      expect(readFileSync(keptFile()).length).to.be.greaterThan(100_000)
      expect(readFileSync(keptFile()).equals(bytes)).to.equal(false)
    }
  })

  it('is not run where others may write it', function () {
    if (isWindows) this.skip()
    get()
    const file = keptFile()
    chmodSync(file, 0o666)
    expect(get()).to.equal(HEADER)
    expect(statSync(file).mode & 0o777).to.equal(0o600)
  })

  it('is not needed: nothing is said where it cannot be kept', () => {
    mkdirSync(path.dirname(folder), { recursive: true })
    writeFileSync(folder, 'in the way')
    expect(get()).to.equal(HEADER)
    expect(readFileSync(folder, 'utf8')).to.equal('in the way')
  })

  it('is not kept where Node is told to keep none, nor by the one file alone', () => {
    expect(get(PACKAGED, { NODE_DISABLE_COMPILE_CACHE: '1' })).to.equal(HEADER)
    expect(get('dist/containerimage.mjs')).to.equal(HEADER)
    expect(existsSync(folder)).to.equal(false)
  })
})
