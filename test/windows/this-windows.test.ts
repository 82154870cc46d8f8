import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { removePath, renameOver } from '../../provider/io/files/rename-and-remove.js'
import { scratch } from '../scratch.js'

const describeOnWindows = process.platform === 'win32' ? describe : describe.skip

/** What is played on every system is so on a real one, and what is done about it does. */
describeOnWindows('this Windows', () => {
  const temporary = scratch()
  let folder: string
  beforeEach(() => {
    folder = temporary.folder()
    writeFileSync(at('new'), 'new')
    writeFileSync(at('old'), 'old')
  })
  afterEach(() => temporary.remove())

  const at = (name: string): string => path.join(folder, name)
  const code = (work: () => unknown): string | undefined => {
    try {
      work()
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
  }

  it('replaces no file that is open, until it is closed', async () => {
    const open = openSync(at('old'), 'r')
    expect(code(() => renameSync(at('new'), at('old')))).to.be.oneOf(['EPERM', 'EBUSY', 'EACCES'])
    const renamed = renameOver(at('new'), at('old'))
    setTimeout(() => closeSync(open), 200)
    await renamed
    expect([readdirSync(folder), readFileSync(at('old'), 'utf8')]).to.deep.equal([['old'], 'new'])
  })

  it('replaces no file that is read-only, but by ours', async () => {
    chmodSync(at('old'), 0o444)
    expect(code(() => renameSync(at('new'), at('old')))).to.equal('EPERM')
    await renameOver(at('new'), at('old'))
    expect(readFileSync(at('old'), 'utf8')).to.equal('new')
  })

  it('removes a file that is read-only', async () => {
    chmodSync(at('old'), 0o444)
    await removePath(at('old'))
    expect(readdirSync(folder)).to.deep.equal(['new'])
  })

  it('makes no symbolic link for a user without the privilege', function () {
    const refused = code(() => symlinkSync(at('old'), at('link'), 'file'))
    if (refused === undefined) this.skip()
    expect(refused).to.equal('EPERM')
  })

  it('takes capitals for small letters', () => {
    expect(readFileSync(at('OLD'), 'utf8')).to.equal('old')
  })
})
