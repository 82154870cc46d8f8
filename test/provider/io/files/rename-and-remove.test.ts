import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { publishFiles, replaceFile } from '../../../../provider/io/files/durable.js'
import { takeLock } from '../../../../provider/io/files/lock.js'
import {
  removePath,
  removePathSync,
  renameOver,
  renameOverSync,
} from '../../../../provider/io/files/rename-and-remove.js'
import { scratch } from '../../../scratch.js'
import { KEEPS_READ_ONLY } from '../../../windows/refusals.js'
import { type Answer, onWindows } from '../../../windows.js'
import { failure } from '../../verbs/failure.js'

/** A scanner that lets go after so many calls. */
function heldFor(times: number, code: string): { answer: Answer; asked(): number } {
  let asked = 0
  return { answer: () => (++asked <= times ? code : undefined), asked: () => asked }
}

describe('a rename or removal on Windows', () => {
  const temporary = scratch()
  let folder: string
  beforeEach(() => {
    folder = temporary.folder()
    writeFileSync(at('new'), 'new')
    writeFileSync(at('old'), 'old')
  })
  after(() => temporary.remove())

  const at = (name: string): string => path.join(folder, name)
  const text = (name: string): string => readFileSync(at(name), 'utf8')

  for (const code of ['EPERM', 'EBUSY', 'EACCES'])
    it(`is tried again while another program has the file: ${code}`, async () => {
      for (const go of [renameOver, async (a: string, b: string) => renameOverSync(a, b)]) {
        writeFileSync(at('new'), 'new')
        writeFileSync(at('old'), 'old')
        await onWindows({ rename: heldFor(3, code).answer }, () => go(at('new'), at('old')))
        expect([readdirSync(folder), text('old')]).to.deep.equal([['old'], 'new'])
      }
      for (const go of [removePath, async (a: string) => removePathSync(a)]) {
        writeFileSync(at('old'), 'old')
        await onWindows({ rm: heldFor(2, code).answer }, () => go(at('old')))
        expect(readdirSync(folder)).to.deep.equal([])
      }
    })

  it('ends all the same where the file is never let go, with both files as they were', async () => {
    chmodSync(at('old'), 0o444)
    const held = heldFor(Number.POSITIVE_INFINITY, 'EBUSY')
    const error = await onWindows({ rename: held.answer }, () =>
      renameOver(at('new'), at('old')).catch((one) => one),
    )
    expect(error.code).to.equal('EBUSY')
    expect(held.asked()).to.be.within(5, 100)
    expect([text('new'), text('old'), statSync(at('old')).mode & 0o777]).to.deep.equal(['new', 'old', 0o444])
  })

  it('is not tried again for what does not pass, nor on another system', async () => {
    for (const code of ['ENOENT', 'ENOSPC', 'EXDEV']) {
      const held = heldFor(1, code)
      await onWindows({ rename: held.answer }, () =>
        renameOver(at('new'), at('old')).catch((error) => expect(error.code).to.equal(code)),
      )
      expect(held.asked()).to.equal(1)
    }
  })

  it('replaces what is read-only', async () => {
    chmodSync(at('old'), 0o444)
    await onWindows({ rename: KEEPS_READ_ONLY }, () => renameOver(at('new'), at('old')))
    expect(text('old')).to.equal('new')
    writeFileSync(at('new'), 'newer')
    chmodSync(at('old'), 0o444)
    await onWindows({ rename: KEEPS_READ_ONLY }, async () => renameOverSync(at('new'), at('old')))
    expect(text('old')).to.equal('newer')
    chmodSync(at('old'), 0o444)
    await onWindows({ rename: KEEPS_READ_ONLY }, () => replaceFile(at('old'), Buffer.from('by name')))
    expect(text('old')).to.equal('by name')
  })

  it('gives a file back its name where nothing else can get it', async () => {
    const error = await onWindows({ rename: (from) => (from === at('new') ? 'EXDEV' : undefined) }, () =>
      publishFiles([{ from: at('new'), to: at('old'), aside: at('aside') }]).catch((one) => one),
    )
    expect(error.code).to.equal('EXDEV')
    expect(readdirSync(folder).sort()).to.deep.equal(['new', 'old'])
    expect(text('old')).to.equal('old')
  })

  it('is refused at once in a folder that may not be written, and not waited for as a lock', async () => {
    mkdirSync(at('theirs'))
    const denied: Answer = (file) => (file.startsWith(at('theirs')) ? 'EPERM' : undefined)
    await onWindows({ open: denied, link: denied }, () =>
      failure(takeLock(at('theirs/index.lock'), { patience: 300 }), 'PERMISSION_DENIED'),
    )
  })

  it('waits for a lock whose file is being deleted', async () => {
    const going = heldFor(2, 'EPERM')
    const lock = await onWindows(
      {
        link: () => 'EPERM',
        open: (file) => (file === at('index.lock') ? going.answer(file, '') : undefined),
      },
      () => takeLock(at('index.lock'), { patience: 10_000 }),
    )
    await lock.release()
    expect(going.asked()).to.be.above(2)
  })
})
