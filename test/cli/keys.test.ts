import { existsSync, readFileSync, writeFileSync } from 'node:fs'
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
