import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { type ContainerImageError, hasCode } from '../../../../manifests/index.js'
import { readHead } from '../../../../provider/archives/members/compression.js'
import { fileCursor } from '../../../../provider/archives/members/cursor.js'
import { folderMembers } from '../../../../provider/archives/members/folder.js'
import { FolderFromOutside } from '../../../../provider/io/files/inside-folder.js'
import { listFolder } from '../../../../provider/io/files/list-folder.js'
import {
  documentIfReadable,
  documentThere,
  holdsBytes,
  openToRead,
  readDocument,
  readDocumentSync,
} from '../../../../provider/io/files/read-document.js'
import { readRange } from '../../../../provider/io/files/read-range.js'
import { renameOver } from '../../../../provider/io/files/rename-and-remove.js'
import { fromFileSystem, fromSystem } from '../../../../provider/io/files/system-errors.js'
import { Hasher } from '../../../../provider/io/hashing/hasher.js'
import { itWithLinks, MAY_LINK } from '../../../links.js'
import { scratch } from '../../../scratch.js'

describe('reading a file that another process replaces meanwhile', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  it('gives the old bytes or the new ones, and none that are cut short', async () => {
    const folder = temporary.folder()
    const [file, next] = [path.join(folder, 'index.json'), path.join(folder, 'next')]
    const texts = ['old', 'new, and much longer']
    writeFileSync(file, texts[0] ?? '')
    for (let round = 0; round < 200; round++) {
      const reading = text(folderMembers(folder).read('index.json'))
      // At another moment of the reading in each round.
      for (let turn = 0; turn < round % 20; turn++) await setImmediate()
      writeFileSync(next, texts[(round + 1) % 2] ?? '')
      await renameOver(next, file)
      expect(texts).to.include(await reading)
    }
  })
})

describe('reading a file that comes from outside', () => {
  const temporary = scratch()
  let folder: string
  let file: string

  beforeEach(() => {
    folder = temporary.folder()
    file = path.join(folder, 'file')
    writeFileSync(file, 'twelve bytes')
  })

  afterEach(() => temporary.remove())

  async function failure(work: () => unknown): Promise<ContainerImageError> {
    try {
      await work()
    } catch (error) {
      return error as ContainerImageError
    }
    throw new Error('it did not fail')
  }

  it('gives its bytes, up to the limit', async () => {
    expect(String(await readDocument(file, 12))).to.equal('twelve bytes')
    expect(String(readDocumentSync(file, 12))).to.equal('twelve bytes')
    expect(String(await documentThere(file, 12))).to.equal('twelve bytes')
  })

  itWithLinks('follows a link to a file', async () => {
    symlinkSync('file', path.join(folder, 'link'))
    expect(String(await readDocument(path.join(folder, 'link'), 12))).to.equal('twelve bytes')
  })

  it('refuses what is larger, without reading it', async () => {
    truncateSync(file, 2 ** 42)
    for (const read of [readDocument, readDocumentSync, documentThere]) {
      const { code, expected, found } = await failure(() => read(file, 12))
      expect([code, expected, found]).to.deep.equal([
        'DOCUMENT_TOO_LARGE',
        'at most 12 bytes',
        `${2 ** 42} bytes`,
      ])
    }
  })

  it('says PATH_NOT_FOUND where there is none, and also where links lead round', async () => {
    if (MAY_LINK) symlinkSync('round', path.join(folder, 'round'))
    for (const name of ['none', 'file/below', 'round']) {
      const there = path.join(folder, name)
      expect((await failure(() => readDocument(there, 12))).code).to.equal('PATH_NOT_FOUND')
      expect((await failure(() => readDocumentSync(there, 12))).code).to.equal('PATH_NOT_FOUND')
      if (name === 'round' && MAY_LINK)
        expect((await failure(() => documentThere(there, 12))).code).to.equal('PATH_NOT_FOUND')
      else expect(await documentThere(there, 12)).to.equal(undefined)
    }
  })

  it('gives nothing for what cannot be read, where it can be had elsewhere', () => {
    expect(String(documentIfReadable(file, 12))).to.equal('twelve bytes')
    expect(documentIfReadable(file, 11)).to.equal(undefined)
    for (const name of ['none', 'file/below', '.', '\0'])
      expect(documentIfReadable(path.join(folder, name), 12), name).to.equal(undefined)
    if (process.platform === 'win32') return
    execFileSync('mkfifo', [path.join(folder, 'pipe')])
    symlinkSync('/dev/zero', path.join(folder, 'zero'))
    for (const name of ['pipe', 'zero'])
      expect(documentIfReadable(path.join(folder, name), 12), name).to.equal(undefined)
  })

  it('compares with the bytes that are wanted', async () => {
    expect(await holdsBytes(file, Buffer.from('twelve bytes'))).to.equal(true)
    for (const other of ['twelve bytez', 'twelve', 'twelve bytes and more', ''])
      expect(await holdsBytes(file, Buffer.from(other)), other).to.equal(false)
    for (const other of [folder, path.join(folder, 'none')])
      expect(await holdsBytes(other, Buffer.from('twelve bytes'))).to.equal(false)
  })

  describe('that is none', () => {
    const onUnix = process.platform === 'win32' ? it.skip : it
    const READERS: Record<string, (there: string) => unknown> = {
      openToRead: (there) => openToRead(there),
      readDocument: (there) => readDocument(there, 100),
      readDocumentSync: (there) => readDocumentSync(there, 100),
      documentThere: (there) => documentThere(there, 100),
      readHead: (there) => readHead(there, 8),
      fileCursor: (there) => fileCursor(there),
      readRange: async (there) => {
        for await (const _ of readRange({ path: there, offset: 0, size: 100 }));
      },
      'a hash on this thread': (there) => hashOf(there, 100),
      'a hash on another thread': (there) => hashOf(there, 20_000_000),
    }
    for (const [name, read] of Object.entries(READERS))
      onUnix(`is refused by name: ${name}`, async () => {
        const pipe = path.join(folder, 'pipe')
        execFileSync('mkfifo', [pipe])
        symlinkSync('pipe', path.join(folder, 'to-pipe'))
        symlinkSync('/dev/zero', path.join(folder, 'zero'))
        for (const [there, what] of [
          ['pipe', 'a named pipe'],
          ['to-pipe', 'a named pipe'],
          ['zero', 'a device'],
          ['.', 'a folder'],
        ] as const) {
          const error = await failure(() => read(path.join(folder, there)))
          expect([error.code, error.found], error.message).to.deep.equal(['NOT_A_FILE', what])
          expect(error.message).to.contain(path.join(folder, there))
        }
      })

    async function hashOf(there: string, size: number): Promise<unknown> {
      const hasher = new Hasher(1)
      try {
        return await hasher.run({ source: { path: there, offset: 0, size }, algorithm: 'sha256' })
      } finally {
        await hasher.close()
      }
    }
  })
})

describe('a folder that others wrote', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  itWithLinks('is looked at again where there was nothing, or a link that led out', async () => {
    const root = temporary.folder()
    const folder = new FolderFromOutside(root)
    expect(await folder.find('blobs/sha256/a')).to.equal(undefined)
    symlinkSync('..', path.join(root, 'blobs'))
    expect(await folder.find('blobs/sha256/a')).to.deep.include({ kind: 'link' })
    unlinkSync(path.join(root, 'blobs'))
    mkdirSync(path.join(root, 'blobs', 'sha256'), { recursive: true })
    writeFileSync(path.join(root, 'blobs', 'sha256', 'a'), 'xyz')
    expect(await folder.find('blobs/sha256/a')).to.deep.include({ kind: 'file', size: 3 })
  })

  it('has nothing below a file', async () => {
    const root = temporary.folder()
    writeFileSync(path.join(root, 'blobs'), '')
    expect(await new FolderFromOutside(root).find('blobs/sha256/a')).to.equal(undefined)
  })
})

describe('a folder that is listed', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  it('gives its entries in the order of their names', async () => {
    const folder = temporary.folder()
    for (const name of ['c', 'a', 'B']) writeFileSync(path.join(folder, name), '')
    mkdirSync(path.join(folder, 'bb'))
    const entries = await listFolder(folder)
    expect(entries.map(({ name }) => name)).to.deep.equal(['B', 'a', 'bb', 'c'])
  })

  it('is given up where it holds more than anybody needs', async () => {
    const folder = temporary.folder()
    for (let i = 0; i < 5; i++) writeFileSync(path.join(folder, `${i}`), '')
    expect(await listFolder(folder, 'source', 5)).to.have.length(5)
    const error = await listFolder(folder, 'source', 4).catch((reason: unknown) => reason)
    expect(hasCode(error, 'ARCHIVE_INVALID')).to.equal(true)
  })

  it('is PATH_NOT_FOUND where there is none', async () => {
    for (const there of [path.join(temporary.folder(), 'none'), path.resolve('package.json')]) {
      const error = await listFolder(there).catch((reason: unknown) => reason)
      expect(hasCode(error, 'PATH_NOT_FOUND')).to.equal(true)
    }
  })
})

describe('an error of the system', () => {
  const CODES = {
    EACCES: 'PERMISSION_DENIED',
    EPERM: 'PERMISSION_DENIED',
    EROFS: 'PERMISSION_DENIED',
    ENOENT: 'PATH_NOT_FOUND',
    ENOTDIR: 'PATH_NOT_FOUND',
    ELOOP: 'PATH_NOT_FOUND',
    ESPIPE: 'NOT_A_FILE',
    EISDIR: 'CANNOT_MAKE',
    ENXIO: 'CANNOT_MAKE',
    EIO: 'CANNOT_MAKE',
    EBUSY: 'CANNOT_MAKE',
    EAGAIN: 'CANNOT_MAKE',
    ENAMETOOLONG: 'CANNOT_MAKE',
    ENOSPC: 'NO_SPACE',
  }
  for (const [code, ours] of Object.entries(CODES))
    it(`${code} is ${ours}`, () => {
      const error = Object.assign(new Error(`${code}: words of the system`), {
        code,
        syscall: 'open',
        path: '/stick/file',
      })
      for (const known of [fromSystem(error, 'Opening /stick/file', 'source'), fromFileSystem(error)]) {
        expect(known).to.deep.include({ code: ours })
        expect((known as Error).message).to.match(/^(Opening|Using) \/stick\/file: .+\.$/)
      }
    })

  it('that is none stays what it is', () => {
    const fault = new TypeError('x is not a function')
    expect(fromFileSystem(fault)).to.equal(fault)
    expect(fromFileSystem(undefined)).to.equal(undefined)
  })
})
