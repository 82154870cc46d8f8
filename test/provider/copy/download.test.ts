import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type Downloaded, type DownloadOptions, download } from '../../../provider/copy/download.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const BYTES = Buffer.from('what the index names, byte for byte')
const SHA256 = createHash('sha256').update(BYTES).digest('hex')

describe('a download', () => {
  const temporary = scratch()
  let file: string
  let asked: number[]

  beforeEach(() => {
    file = path.join(temporary.folder(), 'image.tar')
    asked = []
  })
  afterEach(() => temporary.remove())

  function fetched(bytes = BYTES, more: Partial<DownloadOptions> = {}): Promise<Downloaded> {
    const openAt = async (from: number) => {
      asked.push(from)
      return { size: bytes.length, bytes: once(bytes.subarray(from)), close: async () => {} }
    }
    return download(file, openAt, { label: 'image.tar', sha256: SHA256, size: BYTES.length, ...more })
  }

  async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
    yield bytes
  }

  it('goes on behind what an earlier run left', async () => {
    for (const kept of [1, 20, BYTES.length]) {
      writeFileSync(`${file}.part`, BYTES.subarray(0, kept))
      const { fetchedBytes, reusedBytes } = await fetched()
      expect([reusedBytes, fetchedBytes]).to.deep.equal([kept, BYTES.length - kept])
      expect(readFileSync(file).equals(BYTES)).to.equal(true)
    }
    expect(asked).to.deep.equal([1, 20, BYTES.length])
  })

  it('begins anew, once, where what an earlier run left is of another file', async () => {
    for (const left of ['x', 'of another file', BYTES.toString().replace('byte', 'bite')]) {
      asked = []
      writeFileSync(`${file}.part`, left)
      const { sha256, fetchedBytes, reusedBytes } = await fetched()
      expect({ sha256, fetchedBytes, reusedBytes }).to.deep.equal({
        sha256: SHA256,
        fetchedBytes: BYTES.length,
        reusedBytes: 0,
      })
      expect(asked).to.deep.equal([Buffer.byteLength(left), 0])
      expect(readFileSync(file).equals(BYTES)).to.equal(true)
    }
  })

  it('is refused where the source has other bytes, and leaves none of them', async () => {
    for (const [bytes, code] of [
      [Buffer.from(BYTES.toString().replace('byte', 'bite')), 'DIGEST_MISMATCH'],
      [BYTES.subarray(1), 'SIZE_MISMATCH'],
      [Buffer.concat([BYTES, BYTES]), 'SIZE_MISMATCH'],
    ] as const) {
      asked = []
      await failure(fetched(bytes), code)
      expect(asked).to.deep.equal([0])
      expect(readdirSync(path.dirname(file))).to.deep.equal([])
    }
  })

  it('trusts nothing that lies there, where it has no hash to compare with', async () => {
    writeFileSync(`${file}.part`, BYTES.subarray(0, 5))
    await fetched(BYTES, { sha256: undefined })
    expect(asked).to.deep.equal([0])
    expect(existsSync(`${file}.part`)).to.equal(false)
  })
})
