import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ContainerImageError } from '../../../../manifests/index.js'
import { type ProgressEvent, save } from '../../../../provider/index.js'
import { makeFolder, replaceFile } from '../../../../provider/io/files/durable.js'
import { takeLock } from '../../../../provider/io/files/lock.js'
import { checkMayBeMade } from '../../../../provider/io/files/portable-name.js'
import { fromSystem } from '../../../../provider/io/files/system-errors.js'
import { fileName } from '../../../../provider/verbs/save/saved-files.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { onSystem, onWindows } from '../../../windows.js'
import { failure } from '../../verbs/failure.js'

/** A device, one with an ending, a stream, what is trimmed, and what NTFS refuses itself. */
const TAKEN = [
  'NUL',
  'aux.txt',
  'Com3.tar',
  'LPT9',
  'conout$',
  'a:b',
  'x.tar.',
  'x ',
  'q?',
  '<x>',
  'nul .tar',
]

describe('a name that Windows takes for something else', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('is refused in every form of a path there, and nowhere else', async () => {
    for (const name of TAKEN) {
      for (const at of [
        'C:\\p\\',
        'C:',
        '',
        '\\\\?\\C:\\',
        '\\\\server\\share\\',
        'C:/p/',
        '\\\\?\\UNC\\server\\C$\\',
      ]) {
        if (at === '' && name === 'a:b') continue // a file of the drive a:
        await onSystem('linux', {}, async () => checkMayBeMade(`${at}${name}`))
        await onWindows({}, async () => {
          expect(() => checkMayBeMade(`${at}${name}`), at + name).to.throw(JSON.stringify(name))
          expect(() => checkMayBeMade(`${at}${name}\\below`), at + name).to.throw(JSON.stringify(name))
        })
      }
      const refused = Object.assign(new Error('x'), { code: 'NOT_PORTABLE' })
      expect(fromSystem(refused, 'Writing x')).to.be.instanceOf(ContainerImageError)
    }
    for (const fine of [
      'C:\\',
      'C:\\p\\null.tar',
      '..\\x',
      '.',
      '\\\\?\\C:\\com10\\aux-1',
      'console.log',
      'C:\\a.b\\.x',
    ])
      await onWindows({}, async () => checkMayBeMade(fine))
  })

  it('is made neither as a file, nor as a folder, nor as a lock', async () => {
    const folder = temporary.folder()
    for (const name of TAKEN)
      await onWindows({}, async () => {
        const place = path.join(folder, name)
        for (const step of [
          () => replaceFile(place, Buffer.from('x')),
          () => makeFolder(path.join(place, 'x')),
          () => takeLock(path.join(place, 'x.lock')),
        ]) {
          const error = await step().catch((thrown) => fromSystem(thrown, 'Making it'))
          expect((error as ContainerImageError | undefined)?.code, name).to.equal('CANNOT_MAKE')
          expect((error as ContainerImageError).message).to.include('Windows has no files of the name')
        }
      })
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('is told to who would save to it, and nothing is left', async () => {
    const folder = temporary.folder()
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'text' } }] }])
    for (const [name, options] of [
      ['nul.tar', {}],
      ['a:b.tar', {}],
      ['COM1.zip', {}],
      ['con.7z', {}],
      ['aux.wim', { format: 'wim' }],
      ['prn.swm', { format: 'wim', splitSize: 1_000_000 }],
      ['nul.tar', { whatIf: true }],
    ] as const) {
      const error = await onWindows({}, () =>
        failure(save({ names: [layout], path: path.join(folder, name), ...options }), 'CANNOT_MAKE'),
      )
      expect(error.message).to.match(/^Writing .*: Windows has no files of the name /)
      expect(error.message).to.include(`name ${JSON.stringify(name)}.`)
      expect(existsSync(path.join(folder, name))).to.equal(false)
    }
    expect(readdirSync(folder)).to.deep.equal([])
  })

  it('is told where the file is saved on another system, from which it may go to Windows', async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'text' } }] }])
    const notesOf = async (target: string, options = {}): Promise<string[]> => {
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void => {
        if (event.type === 'note') notes.push(event.message)
      }
      await onSystem('linux', {}, () =>
        save({ names: [layout], path: target, onProgress, whatIf: true, ...options }),
      )
      return notes.filter((note) => note.startsWith('Windows has no files of the name'))
    }
    for (const name of ['NUL.tar', 'con.tar', 'Com1.zip', 'a:b.tar', 'q?.tar', 'nul .tar']) {
      const [note, ...more] = await notesOf(path.join(temporary.folder(), name))
      expect(note, name).to.include(`"${name}"`)
      expect(more).to.deep.equal([])
    }
    for (const name of ['NUL', 'LPT9', 'end.']) {
      const place = path.join(temporary.folder(), name)
      expect(await notesOf(place, { format: 'media', force: true }), name).to.have.length(1)
      if (process.platform !== 'win32') mkdirSync(place)
      if (process.platform !== 'win32')
        expect(await notesOf(place, { format: 'media', force: true }), name).to.have.length(0)
    }
    expect(await notesOf(path.join(temporary.folder(), 'null.tar'))).to.deep.equal([])
  })

  it('is none that an image is saved under', () => {
    for (const name of ['aux.tools', 'con.d/x', 'com1.example/base', 'NUL.x'])
      expect(fileName({ name, version: '1.0' })).to.match(/^-/)
    for (const name of ['aux.tools', 'con.d/x', 'com1.example/base', 'plain'])
      expect(fileName({ name, version: '1' })).not.to.match(/^(aux|con|com1|nul)(\.|$)/i)
    expect(fileName({ name: 'auxiliary', version: '1.0' })).to.equal('auxiliary-1-0.tar')
  })
})
