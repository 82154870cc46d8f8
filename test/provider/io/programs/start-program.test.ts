import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { childEnvironment, startProgram } from '../../../../provider/io/programs/start-program.js'
import { scratch } from '../../../scratch.js'

describe('a program that is started', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  it('has only those folders on its PATH that mean the same everywhere', () => {
    for (const PATH of [':/usr/bin:.:/bin', '/usr/bin:bin:/bin:', './:/usr/bin:..:/bin'])
      expect(childEnvironment({ PATH, HOME: '/root' }, 'linux')).to.deep.equal({
        PATH: '/usr/bin:/bin',
        HOME: '/root',
      })
  })

  it('has no PATH at all where nothing is left of it: an empty one would be the current folder', () => {
    for (const PATH of ['', '.', ':', 'bin', undefined])
      expect(childEnvironment({ PATH }, 'linux')).to.deep.equal({})
  })

  it('starts nothing of the current folder itself on Windows', () => {
    const environment = { Path: '.;C:\\Windows;"D:\\a;b";\\bin', Pathext: '.EXE' }
    expect(childEnvironment(environment, 'win32')).to.deep.equal({
      PATH: 'C:\\Windows;"D:\\a;b"',
      Pathext: '.EXE',
      NoDefaultCurrentDirectoryInExePath: '1',
    })
  })

  it('is told to be missing, with what it takes', () => {
    for (const name of ['containerimage-none', './sh', '/none/sh'])
      expect(() => startProgram(name, []))
        .to.throw(name)
        .with.property('code', 'PROGRAM_MISSING')
  })

  it('gets its arguments as they are, and starts others from the PATH alone', async function () {
    if (process.platform === 'win32') this.skip()
    const [own, stick] = [temporary.folder(), temporary.folder()]
    const asked = path.join(own, 'asked')
    writeFileSync(asked, '#!/bin/sh\nprintf "%s|" "$@"\nhelper\n')
    writeFileSync(path.join(own, 'helper'), '#!/bin/sh\nprintf mine\n')
    writeFileSync(path.join(stick, 'helper'), '#!/bin/sh\nprintf stranger\n')
    mkdirSync(path.join(stick, 'bin'))
    for (const file of [asked, path.join(own, 'helper'), path.join(stick, 'helper')]) chmodSync(file, 0o755)
    for (const before of ['', '.', './', '..', 'bin']) {
      const env = { PATH: `${before}:${own}:/usr/bin:/bin` }
      const child = startProgram('asked', ['a b', '', '$HOME;`x`'], {
        env,
        cwd: stick,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      expect(await text(child.stdout as Readable)).to.equal('a b||$HOME;`x`|mine')
    }
  })
})
