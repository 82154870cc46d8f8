import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describe('key generate with a file for the passphrase', () => {
  const temporary = scratch()
  let key = ''

  beforeEach(() => {
    key = path.join(temporary.folder(), 'site.key')
  })
  afterEach(() => temporary.remove())

  const generate = (file: string) => run(['key', 'generate', key, '--passphrase-file', file])

  it('takes its first line', async () => {
    const file = path.join(temporary.folder(), 'passphrase')
    writeFileSync(file, 'open sesame\nnot this\n')
    expect((await generate(file)).code).to.equal(0)
    expect(readFileSync(key, 'utf8')).to.match(/^untrusted comment: /)
  })

  it('says of one that is not there, a folder, or too long what it is, and makes no key', async () => {
    const folder = temporary.folder()
    const long = path.join(folder, 'long')
    writeFileSync(long, 'x'.repeat(70_000))
    for (const [file, code, message] of [
      [
        path.join(folder, 'nothere'),
        2,
        /^Error PATH_NOT_FOUND: The passphrase in .*nothere cannot be read\./,
      ],
      [path.join(long, 'below'), 2, /^Error PATH_NOT_FOUND: /],
      [folder, 4, /^Error NOT_A_FILE: /],
      [long, 2, /^Error USAGE: The text in .*long is too long for a passphrase\./],
    ] as const) {
      const ended = await generate(file)
      expect(ended.err).to.match(message)
      expect(ended.code).to.equal(code)
    }
    expect(existsSync(key)).to.equal(false)
  })
})

describe('key generate where there is a secret key without its public one', () => {
  const temporary = scratch()
  let key = ''
  let own = ''
  const generate = () => run(['key', 'generate', key, '--no-passphrase'])

  beforeEach(async () => {
    key = path.join(temporary.folder(), 'site.key')
    own = key.replace(/key$/, 'pub')
    expect((await generate()).code).to.equal(0)
  })
  afterEach(() => temporary.remove())

  it('makes that one, as a stopped run has left it, and no other key', async () => {
    const before = [key, own].map((file) => readFileSync(file, 'utf8'))
    rmSync(own)
    const { code, out } = await generate()
    expect(code).to.equal(0)
    expect(out).to.match(/^Made the public key of [0-9A-F]{16}, whose secret key was there\./)
    expect([key, own].map((file) => readFileSync(file, 'utf8'))).to.deep.equal(before)
    expect((await generate()).err).to.match(/^Error FILE_EXISTS: /)
  })

  it('trusts none that others may read, and takes no other file for one', async function () {
    if (process.platform === 'win32') this.skip()
    rmSync(own)
    chmodSync(key, 0o644)
    expect((await generate()).err).to.match(/^Error FILE_EXISTS: /)
    writeFileSync(key, 'something else')
    chmodSync(key, 0o600)
    expect((await generate()).err).to.match(/^Error FILE_EXISTS: /)
    expect(existsSync(own)).to.equal(false)
  })
})
