import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { digestOf, isDigest, parseDigest, shortDigest, splitDigest } from '../../manifests/index.js'
import { DIGEST } from './documents.js'
import { refusal } from './refusal.js'
import { Seeded } from './seeded.js'

const HEX64 = '0123456789abcdef'.repeat(4)

describe('digests', () => {
  for (const good of [`sha256:${HEX64}`, `sha512:${HEX64}${HEX64}`])
    it(`takes ${good.slice(0, 14)}...`, () => {
      expect(isDigest(good)).to.equal(true)
      expect(parseDigest(good)).to.equal(good)
      expect(splitDigest(good)).to.deep.equal({ algorithm: good.slice(0, 6), hex: good.slice(7) })
    })

  const bad: [what: string, value: unknown][] = [
    ['a hex part that is too short', `sha256:${HEX64.slice(1)}`],
    ['a hex part that is too long', `sha256:${HEX64}0`],
    ['the length of another algorithm', `sha512:${HEX64}`],
    ['upper-case hex', `sha256:${HEX64.toUpperCase()}`],
    ['an upper-case algorithm', `SHA256:${HEX64}`],
    ['an algorithm that is not registered', `md5:${HEX64.slice(32)}`],
    ['an algorithm with a suffix', `sha256+b64:${HEX64}`],
    ['no algorithm', HEX64],
    ['an empty algorithm', `:${HEX64}`],
    ['no hex part', 'sha256:'],
    ['a name of every object as its algorithm', `constructor:${HEX64}`],
    ['a path in place of the hex (CVE-2024-3727)', 'sha256:../../../etc/passwd'],
    ['a path of the right length (CVE-2024-3727)', `sha256:../${HEX64.slice(3)}`],
    ['a line break at the end', `sha256:${HEX64}\n`],
    ['a line break at the start', `\nsha256:${HEX64}`],
    ['a NUL', `sha256:${HEX64.slice(1)}\0`],
    ['a space', ` sha256:${HEX64}`],
    ['digits of another script', `sha256:${HEX64.slice(1)}\u0661`],
    ['an empty text', ''],
    ['nothing', undefined],
    ['null', null],
    ['a number', 256],
    ['a list of one digest', [`sha256:${HEX64}`]],
    ['an object that turns into a digest', { toString: () => `sha256:${HEX64}` }],
  ]
  for (const [what, value] of bad)
    it(`refuses ${what}`, () => {
      expect(isDigest(value)).to.equal(false)
      const error = refusal(() => parseDigest(value), 'INVALID_DIGEST')
      expect(error.expected).to.contain('sha256:')
      expect(error.found).to.be.a('string').that.is.not.empty
    })

  it('are not split before they are checked', () => {
    refusal(() => splitDigest('sha256:../../x'), 'INVALID_DIGEST')
  })

  it('are those that Node computes, of bytes and of the UTF-8 of a text', () => {
    // FIPS 180-4, the example for "abc".
    const known = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(digestOf('abc')).to.equal(known)
    expect(digestOf(Buffer.from('abc'))).to.equal(known)
    expect(digestOf('é')).to.equal(digestOf(Uint8Array.of(0xc3, 0xa9)))
  })

  it('of any bytes are digests, and split and join to themselves', () => {
    const random = new Seeded(1)
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(random.text('abc\0é', 0, 60))
      const digest = digestOf(bytes)
      const { algorithm, hex } = splitDigest(parseDigest(digest))
      expect(`${algorithm}:${hex}`).to.equal(digest)
      expect(hex).to.equal(createHash('sha256').update(bytes).digest('hex'))
    }
  })

  it('are shortened to twelve digits, as docker shows them', () => {
    expect(shortDigest(DIGEST)).to.equal('0123456789ab')
  })
})
