import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type SaveResult, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'

const SIZE = 700_000

describe('a zip that was begun', () => {
  const temporary = scratch()
  let archive: string
  let whole: Buffer
  let stick: string
  let file: string

  before(async () => {
    archive = await streamed('app')
    file = path.join(temporary.folder(), 'whole.zip')
    await save({ names: [archive], path: file })
    whole = readFileSync(file)
  })
  beforeEach(() => {
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
    file = path.join(stick, 'app.zip')
  })
  after(() => temporary.remove())

  /** An archive that gives its blobs as streams, as a registry does. */
  async function streamed(name: string): Promise<string> {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [
      {
        refName: `${name}:1.0`,
        layers: [1, 2, 3].map((i) => ({ files: { [`${name}${i}`]: SIZE }, compression: 'none' as const })),
      },
    ])
    const tar = path.join(folder, `${name}.tar`)
    await save({ names: [layout], path: tar })
    writeFileSync(`${tar}.gz`, gzipSync(readFileSync(tar), { level: 1 }))
    return `${tar}.gz`
  }

  function leave(bytes: Buffer): void {
    writeFileSync(`${file}.part`, bytes)
  }

  async function again(): Promise<SaveResult> {
    const result = await save({ names: [archive], path: file })
    expect(readFileSync(file).equals(whole), 'the same bytes').to.equal(true)
    expect(readdirSync(stick)).to.deep.equal(['app.zip'])
    expect((await verify({ paths: [file] })).problems).to.deep.equal([])
    return result
  }

  for (const share of [0.001, 0.1, 0.34, 0.5, 0.7, 0.99, 1])
    it(`goes on where it was: at ${share} of its bytes`, async () => {
      const kept = Math.floor(whole.length * share)
      leave(whole.subarray(0, kept))
      const { reusedBytes, fetchedBytes } = await again()
      expect(reusedBytes).to.be.within(Math.max(0, kept - 10_000), kept)
      expect(fetchedBytes + reusedBytes).to.be.within(3 * SIZE, whole.length)
    })

  it('is made anew where what is left is of other images, too long, or something else', async () => {
    const other = path.join(temporary.folder(), 'other.zip')
    await save({ names: [await streamed('another')], path: other })
    for (const bytes of [
      readFileSync(other).subarray(0, 1_000_000),
      Buffer.concat([whole, Buffer.alloc(10)]),
      Buffer.alloc(1_000_000, 'x'),
      Buffer.concat([whole.subarray(0, 200), Buffer.alloc(500_000)]),
    ]) {
      leave(bytes)
      expect((await again()).reusedBytes).to.equal(0)
      renameSync(file, path.join(temporary.folder(), 'app.zip'))
    }
  })

  it('fetches a blob again that lies there damaged, and all behind it', async () => {
    const bytes = Buffer.from(whole.subarray(0, whole.length - 1000))
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 0xff
    leave(bytes)
    const { reusedBytes } = await again()
    expect(reusedBytes).to.be.within(SIZE, SIZE + 10_000)
  })

  it('is removed where the beginning of a blob lies there damaged, and the next run makes it', async () => {
    const bytes = Buffer.from(whole.subarray(0, 1_200_000))
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 0xff
    leave(bytes)
    const error = await failure(save({ names: [archive], path: file }), 'DIGEST_MISMATCH')
    expect(error).to.include({ side: 'destination' })
    expect(error.message).to.contain('app.zip.part')
    expect(readdirSync(stick)).to.deep.equal([])
    await again()
  })

  it('is not written through a link', async () => {
    const user = path.join(temporary.folder(), 'letter.txt')
    writeFileSync(user, 'dear')
    symlinkSync(user, `${file}.part`)
    await failure(save({ names: [archive], path: file }), 'IN_THE_WAY')
    expect(readFileSync(user, 'utf8')).to.equal('dear')
  })

  it('stays when its run is stopped, and goes on again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const stop = new AbortController()
      const most = (round + 1) * 0.7 * SIZE
      let come = 0
      await save({
        names: [archive],
        path: file,
        signal: stop.signal,
        onProgress: (event) => {
          if (event.type === 'bytes') come += event.count
          if (come > most) stop.abort()
        },
      }).catch(() => {})
      expect(existsSync(file)).to.equal(false)
    }
    const { reusedBytes } = await again()
    expect(reusedBytes).to.be.greaterThan(0)
    truncateSync(file, 0)
  })
})
