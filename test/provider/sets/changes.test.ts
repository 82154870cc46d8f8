import { expect } from 'chai'
import { type ComparedImage, changesBetween } from '../../../provider/sets/changes.js'

const of = (version: string, digest = version, name = 'debian'): ComparedImage => ({
  name,
  version,
  platform: 'linux/amd64',
  digest: `sha256:${digest}`,
})

function told(before: ComparedImage[], now: ComparedImage[]): string[] {
  return changesBetween(before, now).map(({ name, kind, before: was, now: is }) =>
    [name, kind, was?.version ?? '-', is?.version ?? '-'].join(' '),
  )
}

describe('the changes between two lists of images', () => {
  it('are none where names and digests are the same, in any order and case', () => {
    expect(told([of('12.1'), of('12.2')], [of('12.2'), of('12.1', '12.1', 'Debian')])).to.deep.equal([])
  })

  it('join a version that goes with the one that takes its place', () => {
    expect(told([of('12.9'), of('12.8')], [of('12.10'), of('12.9')])).to.deep.equal([
      'debian newer 12.8 12.10',
    ])
    expect(told([of('12.5')], [of('12.4')])).to.deep.equal(['debian older 12.5 12.4'])
  })

  it('tell what is new, gone, and means another image', () => {
    const before = [of('stable', 'a'), of('1.0', '1.0', 'old')]
    const now = [of('stable', 'b'), of('24.04', '24.04', 'ubuntu')]
    expect(told(before, now)).to.deep.equal([
      'debian moved stable stable',
      'old gone 1.0 -',
      'ubuntu new - 24.04',
    ])
  })

  it('count a layer as new that no image had before', () => {
    const shared = { digest: 'sha256:shared' as const, size: 1000 }
    const own = { digest: 'sha256:own' as const, size: 10 }
    const [change] = changesBetween(
      [{ ...of('1.0'), layers: [shared] }],
      [{ ...of('1.1'), layers: [shared, own] }],
    )
    expect(change?.now?.layers).to.deep.equal({ count: 2, added: 1, addedBytes: 10 })
  })
})
