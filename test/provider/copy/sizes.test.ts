import { truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../../manifests/index.js'
import { verified } from '../../../provider/copy/verified.js'
import { verifiedRange } from '../../../provider/copy/verified-range.js'
import { Hasher } from '../../../provider/io/hashing/hasher.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const CONTENT = Buffer.from('twelve bytes')
const DESCRIPTOR = { mediaType: 'text/plain', digest: digestOf(CONTENT), size: CONTENT.length }

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Buffer, size: number): Promise<void> {
  for await (const _ of verified(inPieces(bytes, size), DESCRIPTOR, { label: 'stick' }));
}

describe('bytes of another size than their descriptor says', () => {
  const temporary = scratch()
  const hasher = new Hasher(1)
  let file: string

  beforeEach(() => {
    file = path.join(temporary.folder(), 'blob')
    writeFileSync(file, CONTENT)
  })
  after(async () => {
    await hasher.close()
    temporary.remove()
  })

  function range(size: number) {
    return { path: file, offset: 0, size }
  }

  for (const size of [0, 1, 11])
    it(`end after ${size}, from a stream or a file`, async () => {
      const message = `stick: Blob ${DESCRIPTOR.digest} ends after ${size} bytes.`
      const facts = { message, expected: '12 bytes', found: `${size} bytes` }
      expect(await failure(read(CONTENT.subarray(0, size), 5), 'SIZE_MISMATCH')).to.include(facts)
      const short = verifiedRange(hasher, range(size), DESCRIPTOR, { label: 'stick' })
      expect(await failure(short, 'SIZE_MISMATCH')).to.include(facts)
      truncateSync(file, size)
      const cut = verifiedRange(hasher, range(12), DESCRIPTOR, { label: 'stick' })
      expect(await failure(cut, 'SIZE_MISMATCH')).to.include(facts)
    })

  for (const more of [1, 12, 5000])
    it(`are too many by ${more}, and are not said to end`, async () => {
      const message = `stick: Blob ${DESCRIPTOR.digest} is longer than its descriptor says.`
      const bytes = Buffer.concat([CONTENT, Buffer.alloc(more)])
      const streamed = await failure(read(bytes, 5), 'SIZE_MISMATCH')
      expect(streamed).to.include({ message, expected: '12 bytes', found: 'more than 12 bytes' })
      const long = verifiedRange(hasher, range(12 + more), DESCRIPTOR, { label: 'stick' })
      const located = await failure(long, 'SIZE_MISMATCH')
      expect(located).to.include({ message, expected: '12 bytes', found: `${12 + more} bytes` })
    })

  it('are right in number and wrong otherwise: that is another error', async () => {
    writeFileSync(file, 'twelve bytez')
    await failure(read(Buffer.from('twelve bytez'), 5), 'DIGEST_MISMATCH')
    await failure(verifiedRange(hasher, range(12), DESCRIPTOR), 'DIGEST_MISMATCH')
  })
})
