import { expect } from 'chai'
import { compareApk } from '../../../../provider/inside/versions/apk.js'
import { compareComposer } from '../../../../provider/inside/versions/composer.js'
import { compareDeb } from '../../../../provider/inside/versions/deb.js'
import { compareGem } from '../../../../provider/inside/versions/gem.js'
import { compareGo } from '../../../../provider/inside/versions/golang.js'
import { compareMaven } from '../../../../provider/inside/versions/maven.js'
import { compareNuget } from '../../../../provider/inside/versions/nuget.js'
import { hasOrder, orderOf, type VersionOrder } from '../../../../provider/inside/versions/orders.js'
import { comparePep440 } from '../../../../provider/inside/versions/pep440.js'
import { compareRpm } from '../../../../provider/inside/versions/rpm.js'
import { compareSemver } from '../../../../provider/inside/versions/semver.js'
import { Seeded } from '../../../manifests/seeded.js'

/** Versions from the oldest to the newest; those that are joined by `=` are one. */
type Ladder = string[]

/** What is changed at its end to get what is nearly a version. */
const FORMS = ['1.0.0', '1.0', '1', '1.0.0-rc.1', '1.0.0+x', 'v1.0.0', '1:1.0-1', '1.0rc1', '1.0.dev1', '']

/** Each rung with the rule that it stands for. */
const LADDERS: { title: string; order: VersionOrder; rungs: Ladder }[] = [
  {
    title: 'Alpine: suffixes before a release and after it, letters, numbers, hashes and revisions',
    order: compareApk,
    rungs: [
      '0.9 = 0.9-r0 ?',
      '1.0_alpha',
      '1.0_alpha2',
      '1.0_beta',
      '1.0_pre1',
      '1.0_rc1',
      '1.0',
      '1.0-r1',
      '1.0-r10',
      '1.0~abc',
      '1.0_cvs20240101',
      '1.0_git20240101',
      '1.0_p1',
      '1.0_p2_rc1',
      '1.0_p2',
      '1.0a',
      '1.0b',
      '1.0.05',
      '1.0.1',
      '1.0.2',
      '1.0.10',
      '2',
      '10',
    ],
  },
  {
    title: 'semver: prereleases by their parts, numbers before words (section 11)',
    order: compareSemver,
    rungs: [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0 = 1.0 = 1 = v1.0.0 = 1.0.0+build.5',
      '1.0.1',
      '1.2.0',
      '1.10.0',
    ],
  },
  {
    title: 'Go: with a v, pseudo-versions, and releases of the standard library',
    order: compareGo,
    rungs: [
      'v0.0.0-20190101000000-abcdefabcdef',
      'v0.0.0-20200101000000-abcdefabcdef',
      'v0.1.0',
      'go1.21rc2 = 1.21.0-rc.2',
      'go1.21 = 1.21.0 = v1.21.0+incompatible',
      'go1.21.10 X:boringcrypto = 1.21.10',
      'go1.22',
    ],
  },
  {
    title: 'Python: development releases, alphas, releases, posts and local versions (PEP 440)',
    order: comparePep440,
    rungs: [
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12 = 1.0.alpha-12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1 = 1.0c1 = 1.0-preview1',
      '1.0 = 1 = 1.0.0 = v1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456 = 1.0-456 = 1.0.r456',
      '1.1.dev1',
      '1.10',
      '1!0.1',
    ],
  },
  {
    title: 'Maven: qualifiers, then words, then numbers',
    order: compareMaven,
    rungs: [
      '1-alpha = 1.0-alpha',
      '1-alpha2 = 1-a2',
      '1-alpha-123 ?',
      '1-beta-2',
      '1-beta-123',
      '1-m2 = 1-milestone2',
      '1-m11',
      '1-rc = 1-cr',
      '1-rc2',
      '1-SNAPSHOT',
      '1 = 1.0 = 1.ga = 1-final = 1-release = 1.0.0-0',
      '1-sp',
      '1-sp2',
      '1-abc',
      '1-def',
      '1-pom-1',
      '1-1-snapshot',
      '1-1',
      '1-2',
      '1-123',
      '1.1',
      '1.10',
      '2',
    ],
  },
  {
    title: 'RubyGems: letters make a prerelease',
    order: compareGem,
    rungs: [
      '1.0.a',
      '1.0.a.2',
      '1.0.b1',
      '1.0.pre.1 = 1.0-1',
      '1.0 = 1 = 1.0.0',
      '1.0.1.rc1',
      '1.0.1',
      '1.0.10',
    ],
  },
  {
    title: 'NuGet: four numbers, labels without regard to case',
    order: compareNuget,
    rungs: [
      '1.0.0-alpha = 1.0.0-ALPHA',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0 = 1.0.0.0 = 1.0.0+x',
      '1.0.0.1',
      '1.0.1',
      '1.10',
    ],
  },
  {
    title: 'Composer: dev, alpha, beta, RC, the release, patches',
    order: compareComposer,
    rungs: [
      '1.0.0-dev',
      '1.0.0-alpha1 = 1.0.0a1',
      '1.0.0-beta2',
      '1.0.0-RC1',
      '1.0.0 = v1.0 = 1.0.0.0 = 1.0.0-stable',
      '1.0.0-patch1 = 1.0-p1',
      '1.0.1',
      '1.10.0',
    ],
  },
  {
    title: 'Debian: tildes, epochs and revisions',
    order: compareDeb,
    rungs: [
      '1.0~~',
      '1.0~~a',
      '1.0~',
      '1.0~rc1-1',
      '1.0 = 1.0-0 = 0:1.0 = 1.00',
      '1.0-1',
      '1.0-1+b1',
      '1.0-1+deb12u1',
      '1.0-1.1',
      '1.0a-1',
      '1.0+dfsg-1',
      '1.0.1-1',
      '1:0.1',
    ],
  },
  {
    title: 'RPM: tildes, carets, epochs and releases',
    order: compareRpm,
    rungs: [
      '1.0~rc1-1',
      '1.0-1.el9',
      '1.0-1.el9_2 = 1.0-1.el9.2',
      '1.0-2',
      '1.0^git1-1',
      '1.0a-1',
      '1.0.1-1 = 1.0_1-1 = 1.0..1-1',
      '1:0.1-1',
    ],
  },
]

describe('the order of versions', () => {
  for (const { title, order, rungs } of LADDERS)
    it(title, () => {
      const ladder = rungs.map((rung) => rung.split(' = ').filter((one) => !one.endsWith('?')))
      for (const [at, one] of ladder.entries())
        for (const [beside, other] of ladder.entries())
          for (const a of one)
            for (const b of other)
              expect(Math.sign(order(a, b)), `${a} and ${b}`).to.equal(Math.sign(at - beside))
    })

  it('is one for any text, and the other way round it is the opposite', () => {
    const seeded = new Seeded(11)
    for (const { order } of LADDERS) {
      for (let count = 0; count < 500; count++) {
        const [a, b] = [seeded.text('01.a-~^_+!rc:$', 0, 9), seeded.text('01.a-~^_+!rc:$', 0, 9)]
        expect(order(a, a)).to.equal(0)
        expect(Math.sign(order(a, b)), `${a} and ${b}`).to.equal(-Math.sign(order(b, a)) || 0)
      }
    }
  })

  it('has no three of which each is older than the next, also where some are no versions; Maven’s own order has', () => {
    const seeded = new Seeded(12)
    const mutated = (): string => seeded.oneOf(FORMS) + seeded.text('01.a-~^_+!rcx ', 0, 5)
    for (const { order } of LADDERS.filter((one) => one.order !== compareMaven))
      for (let count = 0; count < 3000; count++) {
        const three = [mutated(), mutated(), mutated()].sort(order)
        const [a = '', b = '', c = ''] = three
        const order3 = [order(a, b), order(b, c), order(a, c)].map(Math.sign)
        expect(order3[0], `${a} < ${b}`).to.be.at.most(0)
        expect(order3[2], `${a} < ${b} < ${c}`).to.equal(Math.max(-1, (order3[0] ?? 0) + (order3[1] ?? 0)))
      }
  })

  for (const [order, texts] of [
    [compareSemver, ['1.0.0-zc.1', '1.0.0', '1.0.0+x.0.0+x', '1.0.0.4', '1.0.0.10', '1.0.1-rc.1']],
    [compareSemver, ['2.0.0', '99999999999999999998.0.0', '99999999999999999999.0.0']],
    [comparePep440, ['1.0rc1', '1.0', '1.0-final-2', '1.0-final-10', '1.0.1.dev1']],
    [compareNuget, ['1.0.0-rc.1', '1.0.0', '1.0.0~dev', '1.0.0.1']],
  ] as const)
    it(`puts what is no version right behind the version that its numbers make: ${texts.join(', ')}`, () => {
      for (const [i, a] of texts.entries())
        for (const [j, b] of texts.entries())
          expect(Math.sign(order(a, b)), `${a} and ${b}`).to.equal(Math.sign(i - j))
    })

  it('takes texts that are far too long', () => {
    for (const { order } of LADDERS)
      for (const part of ['1', '1.', '-', 'a1', '~', '1-', '_p1', '.a'])
        expect(order(part.repeat(50_000), part.repeat(50_000))).to.equal(0)
  })

  it('is told by the name of an ecosystem, whatever its release', () => {
    expect(orderOf('Debian:12')).to.equal(compareDeb)
    expect(orderOf('Rocky Linux:9')).to.equal(compareRpm)
    expect(hasOrder('Ubuntu:22.04:LTS')).to.equal(true)
    expect(hasOrder('constructor')).to.equal(false)
    expect(orderOf('somewhere')('1.9', '1.10')).to.be.lessThan(0)
  })
})
