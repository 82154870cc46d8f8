import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
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
})
