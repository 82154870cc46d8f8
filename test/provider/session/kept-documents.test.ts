import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../../manifests/index.js'
import { replacementOf } from '../../../provider/io/files/replacement-name.js'
import { KeptDocuments } from '../../../provider/session/kept-documents.js'
import { scratch } from '../../scratch.js'

describe('what is kept of registries between runs', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  it('is rid of what a killed run left, and of nothing that another run is writing', async () => {
    const folder = path.join(temporary.folder(), 'kept')
    mkdirSync(folder)
    const { pid = 0 } = spawnSync(process.execPath, ['--version'])
    const living = path.basename(replacementOf(path.join(folder, 'a'.repeat(64))))
    const dead = living.replace(`-${process.pid}.`, `-${pid}.`)
    for (const name of [living, dead]) writeFileSync(path.join(folder, name), 'half')
    const kept = new KeptDocuments(folder, false)
    const bytes = Buffer.from('{}')
    const digest = digestOf(bytes)
    await kept.keepDocument(digest, bytes)
    await kept.keepDigest('quay.io/a/b:1', digest)
    await kept.close()
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).to.deep.equal([living])
    expect(await kept.document(digest, 100)).to.deep.equal(bytes)
    expect(await kept.lastDigest('quay.io/a/b:1')).to.equal(digest)
  })

  it('has room for all of a set with thousands of images', async () => {
    const folder = path.join(temporary.folder(), 'kept')
    mkdirSync(folder)
    const names = Array.from({ length: 5000 }, (_, i) => i.toString(16).padStart(64, '0'))
    for (const name of names)
      for (const file of [name, name.replace('00', 'ff'), `tag-${name}`])
        writeFileSync(path.join(folder, file), 'x')
    const kept = new KeptDocuments(folder, false)
    const bytes = Buffer.from('{}')
    await kept.keepDocument(digestOf(bytes), bytes)
    await kept.close()
    expect(readdirSync(folder)).to.have.length(3 * names.length + 1)
  })

  it('is bounded: the oldest are removed where there are too many bytes', async () => {
    const folder = path.join(temporary.folder(), 'kept')
    mkdirSync(folder)
    const names = Array.from({ length: 70 }, (_, i) => i.toString(16).padStart(64, '0'))
    for (const [i, name] of names.entries()) {
      writeFileSync(path.join(folder, name), Buffer.alloc(1024 * 1024))
      utimesSync(path.join(folder, name), 1000 + i, 1000 + i)
    }
    const kept = new KeptDocuments(folder, false)
    const bytes = Buffer.from('{}')
    await kept.keepDocument(digestOf(bytes), bytes)
    await kept.close()
    const left = readdirSync(folder)
    expect(left).to.have.length(64)
    expect(left).to.include(digestOf(bytes).slice('sha256:'.length))
    expect(left).to.include(names.at(-1)).and.to.not.include(names[0])
  })
})
