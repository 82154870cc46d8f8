import { createHash } from 'node:crypto'
import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { Follower } from '../../../../provider/io/hashing/follower.js'
import { scratch } from '../../../scratch.js'

const PIECE = 9 * 1024 * 1024

describe('a hash that follows a file while it grows', () => {
  const temporary = scratch()
  let file: string
  let follower: Follower

  beforeEach(() => {
    file = path.join(temporary.folder(), 'growing')
    writeFileSync(file, '')
    follower = new Follower(file)
  })
  afterEach(async () => {
    await follower.stop()
    temporary.remove()
  })

  function grow(pieces: number): Buffer {
    const all: Buffer[] = []
    for (let i = 1; i <= pieces; i++) {
      const bytes = Buffer.alloc(PIECE, i)
      appendFileSync(file, bytes)
      all.push(bytes)
      follower.ready(i * PIECE)
    }
    return Buffer.concat(all)
  }

  function sum(bytes: Uint8Array): string {
    return createHash('sha256').update(bytes).digest('hex')
  }

  it('is that of the whole file', async () => {
    const bytes = grow(3)
    expect(await follower.end(bytes.length)).to.equal(sum(bytes))
  })

  it('is that of a file whose bytes were never told of before its end', async () => {
    appendFileSync(file, 'little')
    expect(await follower.end(6)).to.equal(sum(Buffer.from('little')))
  })

  it('is that of no bytes for an empty file', async () => {
    expect(await follower.end(0)).to.equal(sum(Buffer.alloc(0)))
  })

  it('is none where the file is shorter than was said', async () => {
    for (const cut of [PIECE, 2 * PIECE - 1]) {
      const own = new Follower(file)
      grow(2)
      truncateSync(file, cut)
      expect(await own.end(2 * PIECE)).to.equal(undefined)
      truncateSync(file, 0)
    }
  })

  it('is none where the file was not there', async () => {
    rmSync(file)
    const own = new Follower(file)
    expect(await own.end(10)).to.equal(undefined)
  })
})
