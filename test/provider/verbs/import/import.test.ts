import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { files, get, history, importTar, inspect, verify } from '../../../../provider/index.js'
import { helloProgram } from '../../../fixtures/runnable.js'
import { tar } from '../../../fixtures/tar.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../failure.js'

describe('import', () => {
  const { folder, remove } = scratch()
  let store: string
  let file: string

  beforeEach(() => {
    store = path.join(folder(), 'store')
    file = path.join(folder(), 'root.tar')
    writeFileSync(file, tar({ name: 'bin/', type: '5' }, { name: 'bin/hello', bytes: helloProgram('hello') }))
  })
  afterEach(remove)

  it('makes an image of one layer, with settings, a comment and an author', async () => {
    const result = await importTar({
      ...{ path: file, name: 'app:1', store, message: 'by hand', author: 'me' },
      changes: ['ENTRYPOINT ["/bin/hello"]', 'LABEL a=b'],
    })
    expect(result).to.deep.include({ image: 'app:1', tags: ['app:1'], platform: 'linux/amd64', moved: [] })
    const [image] = await inspect({ names: ['app:1'], store })
    expect(JSON.stringify(image)).to.contain('"Entrypoint":["/bin/hello"]').and.contain('"a":"b"')
    const steps = await history({ name: 'app:1', store })
    expect(steps).to.have.length(1)
    expect(steps[0]).to.include({ createdBy: 'containerimage import', comment: 'by hand' })
    expect((await files({ name: 'app:1', store })).files.map((one) => one.path)).to.deep.equal([
      '/bin',
      '/bin/hello',
    ])
    expect((await verify({ store })).problems).to.deep.equal([])
  })

  it('takes a compressed tar from standard input as it is', async () => {
    const packed = `${file}.gz`
    writeFileSync(packed, gzipSync(readFileSync(file)))
    const stdin = createReadStream(packed)
    const { layer } = await importTar({ path: '-', name: 'app', store, stdin, latest: true })
    expect(layer.size).to.equal(readFileSync(packed).length)
    expect((await get({ store })).map(({ tag }) => tag)).to.deep.equal(['latest'])
    expect((await history({ name: 'app', store }))[0]?.comment).to.equal('Imported from -')
  })

  it('takes what says no machine for this one, unless another one is said', async () => {
    writeFileSync(file, tar({ name: 'data', bytes: 'data' }))
    const notes: string[] = []
    const onProgress = (event: { type: string; message?: string }): unknown =>
      event.type === 'note' && notes.push(event.message ?? '')
    const { platform } = await importTar({ path: file, name: 'data:1', store, onProgress })
    expect(platform).to.match(/^linux\/(amd64|arm64)/)
    expect(notes.join()).to.contain('No program in it')
    const other = await importTar({ path: file, name: 'data:2', store, platform: 'linux/riscv64' })
    expect(other.platform).to.equal('linux/riscv64')
  })

  it('gives the same digest again with SOURCE_DATE_EPOCH', async () => {
    const before = process.env.SOURCE_DATE_EPOCH
    process.env.SOURCE_DATE_EPOCH = '1500000000'
    try {
      const first = await importTar({ path: file, name: 'app:1', store })
      const again = await importTar({ path: file, name: 'app:2', store: path.join(folder(), 'store') })
      expect(again.digest).to.equal(first.digest)
    } finally {
      if (before === undefined) delete process.env.SOURCE_DATE_EPOCH
      else process.env.SOURCE_DATE_EPOCH = before
    }
  })

  it('changes nothing with whatIf', async () => {
    const result = await importTar({ path: file, name: 'app:1', store, whatIf: true })
    expect(result.tags).to.deep.equal(['app:1'])
    expect(await get({ store })).to.deep.equal([])
  })

  it('refuses what is no tar, half a tar, and a folder', async () => {
    await failure(importTar({ path: folder(), name: 'app', store }), 'USAGE')
    writeFileSync(file, readFileSync(file).subarray(0, 1024))
    await failure(importTar({ path: file, name: 'app', store }), 'ARCHIVE_INVALID')
    writeFileSync(file, 'this is no tar')
    const error = await importTar({ path: file, name: 'app', store }).catch((one) => one)
    expect(error.code).to.be.oneOf(['ARCHIVE_INVALID', 'ARCHIVE_UNKNOWN'])
    expect(await get({ store })).to.deep.equal([])
  })
})
