import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { percentEncoded } from '../../manifests/percent-encoding.js'
import { imageUrl } from '../../provider/inside/sbom/listed-image.js'

const HALVES = ['\ud800', 'a\udfffb', '\udc00\ud800']

describe('text from outside in a URL', () => {
  it('is encoded, with a mark for half of a character', () => {
    expect(percentEncoded('a/b é\u{1f600}')).to.equal('a%2Fb%20%C3%A9%F0%9F%98%80')
    for (const text of HALVES) expect(decodeURIComponent(percentEncoded(text))).to.match(/\ufffd/)
  })

  it('may be the name, or the platform, of an image', () => {
    const digest = `sha256:${'0'.repeat(64)}` as const
    for (const text of HALVES)
      expect(
        imageUrl({ name: text, digest, architecture: text } as unknown as Parameters<typeof imageUrl>[0]),
      ).to.contain('%EF%BF%BD')
  })

  it('is encoded in one place, as a name of half a character made others fail', () => {
    const others = ['manifests', 'catalog', 'provider']
      .flatMap((room) =>
        readdirSync(room, { recursive: true, encoding: 'utf8' }).map((name) => path.join(room, name)),
      )
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /encodeURI(Component)?\(/.test(readFileSync(file, 'utf8')))
    expect(others).to.deep.equal([path.join('manifests', 'percent-encoding.ts')])
  })
})
