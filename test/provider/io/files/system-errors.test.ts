import { mkdir, open, readdir, rename, rmdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { ContainerImageError, type Side } from '../../../../manifests/index.js'
import { fromFileSystem, fromSystem } from '../../../../provider/io/files/system-errors.js'
import { MAY_LINK } from '../../../links.js'
import { scratch } from '../../../scratch.js'

describe('an error of the file system that nobody put into words', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  async function said(run: Promise<unknown>): Promise<ContainerImageError> {
    const error = await run.then(
      () => undefined,
      (thrown) => fromFileSystem(thrown),
    )
    expect(error).to.be.instanceOf(ContainerImageError)
    return error as ContainerImageError
  }

  it('says what was done to which file, and has a code', async () => {
    const folder = temporary.folder()
    const [file, nowhere] = [path.join(folder, 'file'), path.join(folder, 'nowhere')]
    await writeFile(file, 'x')
    if (MAY_LINK) await symlink('loop', path.join(folder, 'loop'))
    for (const [run, code, text] of [
      [unlink(nowhere), 'PATH_NOT_FOUND', `Removing ${nowhere}: `],
      [rename(nowhere, file), 'PATH_NOT_FOUND', `Renaming ${nowhere}: `],
      [readdir(nowhere), 'PATH_NOT_FOUND', `Reading ${nowhere}: `],
      [open(nowhere), 'PATH_NOT_FOUND', `Opening ${nowhere}: `],
      [open(path.join(file, 'below')), 'PATH_NOT_FOUND', `Opening ${path.join(file, 'below')}: `],
      [mkdir(file), 'CANNOT_MAKE', `Making ${file}: `],
      [rmdir(folder), 'CANNOT_MAKE', `Removing ${folder}: `],
      [open(path.join(folder, 'loop')), 'PATH_NOT_FOUND', `Opening ${path.join(folder, 'loop')}: `],
    ] as const) {
      const error = await said(run)
      expect(error.code, text).to.equal(code)
      expect(error.message.slice(0, text.length)).to.equal(text)
    }
  })

  it('has a code where the system names no file', () => {
    for (const [code, ours] of [
      ['ENOSPC', 'NO_SPACE'],
      ['EIO', 'CANNOT_MAKE'],
      ['EROFS', 'PERMISSION_DENIED'],
    ]) {
      const error = Object.assign(new Error(`${code}: write`), { code, syscall: 'write' })
      expect(fromFileSystem(error)).to.include({ code: ours })
    }
  })

  it('has advice for the side that it is on', () => {
    const error = Object.assign(new Error('EACCES: open'), { code: 'EACCES', syscall: 'open' })
    const remedyOn = (side: Side) => (fromSystem(error, 'Opening it', side) as { remedy?: string }).remedy
    expect(remedyOn('source')).to.contain('may read it').and.not.contain('another folder')
    expect(remedyOn('destination')).to.contain('another folder')
  })

  it('says of a drive or share that went away what it is, however Windows names that', () => {
    for (const [code, text] of [
      ['UNKNOWN', "UNKNOWN: unknown error, open 'E:\\x.tar'"],
      ['UNKNOWN', 'UNKNOWN: unknown error, read'],
      ['ECONNRESET', 'ECONNRESET: connection reset by peer, read'],
      ['ETIMEDOUT', "ETIMEDOUT: connection timed out, scandir '//server/share'"],
    ] as const) {
      const syscall = text.split(', ')[1]?.split(' ')[0]
      const error = fromFileSystem(Object.assign(new Error(text), { code, syscall })) as ContainerImageError
      expect(error.code, text).to.equal('CANNOT_MAKE')
      expect(error.message).to.include(`the drive or share does not answer (${code})`)
      expect(error.remedy).to.include('share')
    }
    const held = Object.assign(new Error("EBUSY: resource busy, open 'x'"), {
      code: 'EBUSY',
      syscall: 'open',
    })
    expect((fromFileSystem(held) as Error).message).to.include('another program is using it')
  })

  it('is told in words where a file system or Windows cannot do something', () => {
    for (const [code, words] of [
      ['ENOTSUP', /the file system cannot do that \(ENOTSUP\)/],
      ['EINVAL', /does not take this name or value/],
      ['EISDIR', /it is a folder, or the file system cannot/],
      ['EMFILE', /too many files are open/],
      ['ENAMETOOLONG', /the name is too long/],
      ['EXDEV', /another file system/],
      ['ENOMEM', /no memory left/],
      ['EOF', /ends too early/],
      ['ECHARSET', /characters of this name/],
    ] as const) {
      const error = new Error(`${code}: words of libuv, open 'E:\\x'`)
      Object.assign(error, { code, syscall: 'open', path: 'E:\\x' })
      const known = fromFileSystem(error) as ContainerImageError
      expect(known.code, code).to.equal('CANNOT_MAKE')
      expect(known.message).to.match(words).and.not.include('libuv')
    }
  })

  it('is none that the network or the program made', async () => {
    const refused = await new Promise((resolve) => connect(1, '127.0.0.1').once('error', resolve))
    expect(fromFileSystem(refused)).to.equal(refused)
    for (const error of [
      new TypeError('a fault'),
      undefined,
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }),
      Object.assign(new Error('connect UNKNOWN 10.0.0.1:443'), { code: 'UNKNOWN', syscall: 'connect' }),
      Object.assign(new Error('write EINVAL'), { code: 'EINVAL', syscall: 'write' }),
      Object.assign(new Error('bad argument'), { code: 'EINVAL' }),
    ])
      expect(fromFileSystem(error)).to.equal(error)
  })
})
