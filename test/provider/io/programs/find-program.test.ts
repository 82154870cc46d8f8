import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { findProgram } from '../../../../provider/io/programs/find-program.js'
import { scratch } from '../../../scratch.js'

/** Finds on a system where just these files are, and the current folder has every program. */
function finder(platform: NodeJS.Platform, files: string[]) {
  const asked: string[] = []
  const isFull = (file: string): boolean => (platform === 'win32' ? /^([A-Z]:[\\/]|\\\\)/i : /^\//).test(file)
  const isProgram = (file: string): boolean => {
    asked.push(file)
    return files.includes(file) || !isFull(file)
  }
  const find = (name: string, environment: NodeJS.ProcessEnv): string | undefined =>
    findProgram(name, { environment, platform, isProgram })
  return { find, asked }
}

describe('a program on the PATH', () => {
  it('is the first of its name', () => {
    const { find } = finder('linux', ['/usr/bin/ssh', '/bin/ssh'])
    expect(find('ssh', { PATH: '/opt:/usr/bin:/bin' })).to.equal('/usr/bin/ssh')
    expect(find('podman', { PATH: '/opt:/usr/bin:/bin' })).to.equal(undefined)
  })

  for (const PATH of ['', ':', '.', './', '..', 'bin', './bin', '~/bin', ':.:..:bin:', undefined])
    it(`is not in the current folder with the PATH ${PATH}`, () => {
      const { find, asked } = finder('linux', ['/usr/bin/ssh'])
      expect(find('ssh', { PATH })).to.equal(undefined)
      expect(asked).to.deep.equal([])
      const behind = PATH === undefined ? '/usr/bin' : `${PATH}:/usr/bin`
      expect(find('ssh', { PATH: behind })).to.equal('/usr/bin/ssh')
    })

  for (const name of ['', '.', '..', './ssh', '../ssh', 'bin/ssh', 'C:ssh', '..\\ssh'])
    it(`is not named ${JSON.stringify(name)}`, () => {
      for (const platform of ['linux', 'darwin', 'win32'] as const) {
        const { find, asked } = finder(platform, [])
        expect(find(name, { PATH: platform === 'win32' ? 'C:\\bin' : '/bin' })).to.equal(undefined)
        expect(asked).to.deep.equal([])
      }
    })

  it('may be named by its full path, and is not looked for elsewhere then', () => {
    const { find } = finder('linux', ['/opt/podman'])
    expect(find('/opt/podman', {})).to.equal('/opt/podman')
    expect(find('/none/podman', { PATH: '/opt' })).to.equal(undefined)
  })

  describe('of Windows', () => {
    const helper = 'docker-credential-wincred'

    it('is the first of its name with an ending that PATHEXT has, in its order', () => {
      const { find } = finder('win32', ['C:\\a\\ctr.CMD', 'C:\\a\\ctr.exe', 'C:\\a\\ctr.cmd'])
      expect(find('ctr', { Path: 'C:\\none;C:\\a', PATHEXT: '.CMD;.EXE' })).to.equal('C:\\a\\ctr.cmd')
      expect(find('ctr', { Path: 'C:\\none;C:\\a', PathExt: '.COM;.EXE;.BAT' })).to.equal('C:\\a\\ctr.exe')
      expect(find('ctr', { PATH: 'C:\\a' })).to.equal('C:\\a\\ctr.exe')
    })

    it('is none that only a shell can open, whatever PATHEXT has', () => {
      const { find } = finder('win32', ['C:\\a\\ctr.vbs', 'C:\\a\\ctr.js', 'C:\\a\\ctr', 'C:\\b\\ctr.exe'])
      const PATH = 'C:\\a;C:\\b'
      expect(find('ctr', { PATH, PATHEXT: '.VBS;.JS;;.EXE' })).to.equal('C:\\b\\ctr.exe')
      expect(find('ctr', { PATH, PATHEXT: '.VBS;.JS' })).to.equal('C:\\b\\ctr.exe')
    })

    it('may be named with its ending', () => {
      const { find } = finder('win32', ['C:\\a\\ctr.exe', 'C:\\a\\k3s.exe.cmd'])
      expect(find('ctr.exe', { PATH: 'C:\\a' })).to.equal('C:\\a\\ctr.exe')
      expect(find('k3s.exe', { PATH: 'C:\\a' })).to.equal('C:\\a\\k3s.exe.cmd')
      expect(find('C:\\a\\ctr.exe', {})).to.equal('C:\\a\\ctr.exe')
      expect(find('C:/a/ctr', {})).to.equal(undefined)
    })

    for (const PATH of [
      '',
      ';',
      '.',
      '.\\',
      'bin',
      '\\bin',
      '/bin',
      'C:',
      'C:bin',
      'D:.',
      '%USERPROFILE%\\bin',
      '".";""',
    ])
      it(`is not where one happens to be with the PATH ${PATH}`, () => {
        const { find, asked } = finder('win32', [])
        expect(find(helper, { PATH })).to.equal(undefined)
        expect(asked).to.deep.equal([])
        const there = finder('win32', [`C:\\docker\\${helper}.exe`])
        expect(there.find(helper, { Path: `${PATH};C:\\docker` })).to.equal(`C:\\docker\\${helper}.exe`)
      })

    it('may be in a folder in quotes, with a semicolon, and on another machine', () => {
      const files = ['C:\\a;b\\ssh.exe', '\\\\host\\share\\ctr.exe', 'C:\\c d\\k3s.exe']
      const { find } = finder('win32', files)
      const PATH = 'C:\\none;"C:\\a;b";\\\\host\\share;"C:\\c d"'
      expect(['ssh', 'ctr', 'k3s'].map((name) => find(name, { PATH }))).to.deep.equal(files)
    })
  })

  describe('of this system', () => {
    const temporary = scratch()
    before(function () {
      if (process.platform === 'win32') this.skip()
    })
    afterEach(() => temporary.remove())

    it('is a file that may be started: no folder, and none without the right', () => {
      const folders = [1, 2, 3, 4].map(() => temporary.folder())
      const [asFolder = '', unstartable = '', dangling = '', right = ''] = folders
      mkdirSync(path.join(asFolder, 'ctr'))
      writeFileSync(path.join(unstartable, 'ctr'), '', { mode: 0o644 })
      symlinkSync(path.join(dangling, 'none'), path.join(dangling, 'ctr'))
      const environment = { PATH: folders.join(':') }
      expect(findProgram('ctr', { environment })).to.equal(undefined)
      writeFileSync(path.join(right, 'real'), '')
      chmodSync(path.join(right, 'real'), 0o755)
      symlinkSync('real', path.join(right, 'ctr'))
      expect(findProgram('ctr', { environment })).to.equal(path.join(right, 'ctr'))
    })
  })
})
