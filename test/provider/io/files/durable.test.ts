import { readFileSync, readlinkSync } from 'node:fs'
import { type FileHandle, open, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { makeFolder, publishFiles, replaceFile } from '../../../../provider/io/files/durable.js'
import { scratch } from '../../../scratch.js'

/** Only Linux tells which file a handle is of. */
const describeOnLinux = process.platform === 'linux' ? describe : describe.skip

describeOnLinux('what is to survive a loss of power', () => {
  const temporary = scratch()
  let folder: string
  let synced: string[]
  let prototype: FileHandle
  let original: FileHandle['sync']

  before(async () => {
    const handle = await open('/proc/self/stat')
    prototype = Object.getPrototypeOf(handle)
    original = prototype.sync
    await handle.close()
    prototype.sync = async function (this: FileHandle) {
      synced.push(path.relative(folder, readlinkSync(`/proc/self/fd/${this.fd}`)))
      await original.call(this)
    }
  })
  after(() => {
    prototype.sync = original
  })
  beforeEach(() => {
    folder = temporary.folder()
    synced = []
  })
  afterEach(() => temporary.remove())

  it('is a new folder: that above it is synced', async () => {
    await makeFolder(path.join(folder, 'a'))
    expect(synced).to.deep.equal([''])
  })

  it('is each of several new folders, and none that was there', async () => {
    await makeFolder(path.join(folder, 'a'))
    synced = []
    expect(await makeFolder(path.join(folder, 'a/b/c/d'))).to.equal(path.join(folder, 'a/b'))
    expect(synced.sort()).to.deep.equal(['a', 'a/b', 'a/b/c'])
    synced = []
    expect(await makeFolder(path.join(folder, 'a/b/c/d'))).to.equal(undefined)
    expect(synced).to.deep.equal([])
  })

  it('is a file that is replaced, and then its name', async () => {
    await replaceFile(path.join(folder, 'index.json'), Buffer.from('{}'))
    expect(synced).to.have.length(2)
    expect(synced[0]).to.contain('index.json')
    expect(synced[1]).to.equal('')
    expect(readFileSync(path.join(folder, 'index.json'), 'utf8')).to.equal('{}')
  })

  it('is each folder that files got their names in, once and last', async () => {
    for (const name of ['one', 'two']) await makeFolder(path.join(folder, name))
    const files = ['one/a', 'one/b', 'two/c'].map((name) => ({
      from: path.join(folder, `${path.basename(name)}.part`),
      to: path.join(folder, name),
    }))
    for (const { from } of files) await writeFile(from, 'x')
    synced = []
    await publishFiles(files)
    expect(synced).to.deep.equal(['a.part', 'b.part', 'c.part', 'one', 'two'])
  })
})
