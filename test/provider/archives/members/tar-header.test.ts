import { expect } from 'chai'
import {
  BLOCK,
  checksum,
  fileHeader,
  isZeroBlock,
  OCTAL_LIMIT,
  padded,
  parseTarHeader,
  tarNumber,
} from '../../../../provider/archives/members/tar-header.js'

describe('the header of a tar', () => {
  for (const size of [
    0,
    1,
    511,
    4_000_000_000,
    OCTAL_LIMIT - 1,
    OCTAL_LIMIT,
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
  ])
    it(`keeps a size of ${size} bytes`, () => {
      expect(parseTarHeader(fileHeader('blobs/x', size))).to.deep.equal({
        name: 'blobs/x',
        mode: 0o644,
        uid: 0,
        gid: 0,
        size,
        mtime: 0,
        type: '0',
        linkName: '',
        major: 0,
        minor: 0,
        unread: [],
      })
    })

  for (const [field, value] of [
    ['0000644\0', 0o644],
    ['000644 \0', 0o644],
    ['0000644 ', 0o644],
    ['   644 \0', 0o644],
    ['00006447', 0o6447],
    ['644\0junk', 0o644],
    ['644 \0abc', 0o644],
    ['\0\0\0\0\0\0\0\0', 0],
    ['        ', 0],
    ['64 4\0\0\0\0', undefined],
    ['00006848', undefined],
    ['-0000644', undefined],
  ] as const)
    it(`reads the number ${JSON.stringify(field)} as ${value}`, () => {
      expect(tarNumber(Buffer.from(field, 'latin1'), 0, 8)).to.equal(value)
    })

  it('writes sizes from 8 GiB on as GNU tar does', () => {
    expect(
      fileHeader('x', OCTAL_LIMIT - 1)
        .subarray(124, 136)
        .toString('latin1'),
    ).to.equal('77777777777\0')
    expect(fileHeader('x', OCTAL_LIMIT).subarray(124, 136).toString('hex')).to.equal(
      '800000000000000200000000',
    )
  })

  it('with any other byte is none', () => {
    const block = fileHeader('name', 1234)
    // The last byte of the checksum's field stands behind the zero that ends it.
    for (let at = 0; at < BLOCK; at++) {
      if (at === 155) continue
      const other = Buffer.from(block)
      other[at] = (other[at] ?? 0) ^ 0x55
      expect(parseTarHeader(other), `byte ${at}`).to.equal(undefined)
    }
    expect(parseTarHeader(block.subarray(1))).to.equal(undefined)
    expect(parseTarHeader(Buffer.alloc(BLOCK))).to.equal(undefined)
  })

  it('with a size that is not a number, negative or beyond all bounds is none', () => {
    const sizes = ['00000000zzz\0', '-0000000001\0', '\xff'.repeat(12), '\x80\xff\xff\xff'.padEnd(12, '\xff')]
    for (const text of sizes) {
      const block = fileHeader('name', 0)
      block.write(text, 124, 'latin1')
      block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
      expect(parseTarHeader(block), text).to.equal(undefined)
    }
  })

  it('joins a long name of two parts', () => {
    const block = fileHeader('name', 0)
    block.write('a/long/way', 345, 'latin1')
    block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect(parseTarHeader(block)?.name).to.equal('a/long/way/name')
  })

  it('is followed by whole blocks', () => {
    expect([0, 1, 512, 513].map(padded)).to.deep.equal([0, 512, 512, 1024])
    expect(isZeroBlock(Buffer.alloc(BLOCK))).to.equal(true)
    expect(isZeroBlock(Buffer.from([0, 0, 1]))).to.equal(false)
  })
})
