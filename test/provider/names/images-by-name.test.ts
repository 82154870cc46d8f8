import { expect } from 'chai'
import { matcher } from '../../../catalog/wildcard.js'
import type { Askable } from '../../../provider/names/askable.js'
import { imagesNamed, imagesOfOne } from '../../../provider/names/asked-images.js'

const hex = (i: number): string => (i * 2654435761).toString(16).padStart(16, '0').repeat(4)

/** Every third has a second name; two share the beginning of their ids. */
const images: Askable[] = Array.from({ length: 60 }, (_, i) => ({
  repository: i % 10 === 9 ? '<none>' : `team-${i % 3}/app${i % 7}`,
  tag: i % 10 === 9 ? '<none>' : `1.${i}`,
  fullName: i % 4 === 0 ? '' : `CN=Team_App${i % 7}_1.${i}`,
  id: `sha256:${i === 1 ? hex(2).slice(0, 12) + hex(1).slice(12) : hex(i)}`,
  digest: `sha256:${hex(i + 1000)}`,
  ...(i % 5 === 0 ? { originIndex: `sha256:${hex(i + 2000)}` } : {}),
}))

/** By looking at each of them. */
function marked(text: string): Askable[] {
  const isFullName = matcher(text)
  return images.filter(
    ({ fullName, id, digest, originIndex }) =>
      (fullName !== '' && isFullName(fullName)) ||
      [id, digest, originIndex].includes(text) ||
      (/^[0-9a-f]{6,64}$/.test(text) && [id, digest].some((one) => one.slice(7).startsWith(text))),
  )
}

describe('images that are asked for many at a time', () => {
  const marks = [
    ...images.flatMap(({ id, digest, originIndex = 'x', fullName }) => [
      id,
      digest,
      originIndex,
      fullName || 'y',
      id.slice(7, 19),
      digest.slice(7, 13),
    ]),
    hex(2).slice(0, 6),
    hex(2),
    'cn=team_app1_1.1',
    'CN=Team_App?_1.2*',
    'ffffff',
    '000000',
    hex(2).slice(0, 5),
  ]

  it('are those of a digest, an id or its beginning, or a full name, as by looking at each', () => {
    for (const mark of marks) expect(imagesNamed([mark], images), mark).to.deep.equal(marked(mark))
  })

  it('are those of a name, its end or a pattern, in the order in which they are listed', () => {
    const of = (text: string) =>
      imagesNamed([text], images).map(({ repository, tag }) => `${repository}:${tag}`)
    const all = images.map(({ repository, tag }) => `${repository}:${tag}`)
    expect(of('app1')).to.deep.equal(all.filter((name) => /\/app1:/.test(name)))
    expect(of('team-1/app1:1.1')).to.deep.equal(['team-1/app1:1.1'])
    expect(of('app[12]:1.*')).to.deep.equal(all.filter((name) => /\/app[12]:/.test(name)))
    expect(of('nothing')).to.deep.equal([])
  })

  it('are asked for anew when there are more of them', () => {
    const growing = images.slice(0, 3)
    expect(imagesOfOne('app4', growing)).to.deep.equal([])
    growing.push(images[4] as Askable)
    expect(imagesOfOne('app4', growing)).to.deep.equal([images[4]])
  })
})
