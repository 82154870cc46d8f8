import { expect } from 'chai'
import type { Database } from '../../../../provider/inside/database/open-database.js'
import type {
  Distribution,
  PackageKind,
  SoftwarePackage,
} from '../../../../provider/inside/packages/software-package.js'
import { type Match, matchPackages } from '../../../../provider/inside/vulnerabilities/match.js'
import { scratch } from '../../../scratch.js'
import { from, madeDatabase, record } from '../database/made-database.js'

const BOOKWORM: Distribution = { id: 'debian', version: '12', codename: 'bookworm' }
const VECTOR = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'

/** What an image has, and what is to be said of it. */
interface Case {
  rule: string
  files: Record<string, unknown>
  distribution?: Distribution
  has: Partial<SoftwarePackage> & { kind: PackageKind; name: string; version: string }
  /** `CVE severity fixed-in`, with `-` where there is no fix. */
  expected: string[]
}

const deb = (name: string, version: string, source?: SoftwarePackage['source']): Case['has'] => ({
  kind: 'deb',
  name,
  version,
  ...(source ? { source } : {}),
})

const CASES: Case[] = [
  {
    rule: 'affected, and repaired in a later version',
    files: {
      'a.json': record(
        'DEBIAN-CVE-2026-1001',
        'Debian:12',
        'zlib',
        { ranges: [from('0', '1:1.3-2')] },
        { upstream: ['CVE-2026-1001'] },
      ),
    },
    has: deb('zlib1g', '1:1.3-1', { name: 'zlib', version: '1:1.3-1' }),
    expected: ['CVE-2026-1001 unknown 1:1.3-2'],
  },
  {
    rule: 'repaired in this very version',
    files: {
      'a.json': record('DEBIAN-CVE-2026-1001', 'Debian:12', 'zlib', { ranges: [from('0', '1:1.3-2')] }),
    },
    has: deb('zlib', '1:1.3-2'),
    expected: [],
  },
  {
    rule: 'not yet repaired',
    files: { 'a.json': record('DEBIAN-CVE-2026-1002', 'Debian:12', 'zlib', { ranges: [from('0')] }) },
    has: deb('zlib', '9:9-9'),
    expected: ['CVE-2026-1002 unknown -'],
  },
  {
    rule: 'withdrawn by its publisher',
    files: {
      'a.json': [
        record(
          'CVE-2026-1003',
          'Debian:12',
          'zlib',
          { ranges: [from('0')] },
          { withdrawn: '2026-11-01T00:00:00Z' },
        ),
        record('CVE-2026-1004', 'Debian:12', 'zlib', { ranges: [from('0')] }),
      ],
    },
    has: deb('zlib', '1'),
    expected: ['CVE-2026-1004 unknown -'],
  },
  {
    rule: 'the version of the source package counts, not that of the binary',
    files: {
      'a.json': record('CVE-2026-1005', 'Debian:12', 'gcc-defaults', { ranges: [from('0', '1.203')] }),
    },
    has: deb('g++', '4:12.2.0-3', { name: 'gcc-defaults', version: '1.200' }),
    expected: ['CVE-2026-1005 unknown 1.203'],
  },
  {
    rule: 'an epoch comes before everything else',
    files: { 'a.json': record('CVE-2026-1006', 'Debian:12', 'x', { ranges: [from('0', '1:0.5-1')] }) },
    has: deb('x', '9.9-1'),
    expected: ['CVE-2026-1006 unknown 1:0.5-1'],
  },
  {
    rule: 'a repair that was ported back: the version of the release counts, not that of upstream',
    files: {
      'a.json': record('CVE-2026-1007', 'Debian:12', 'openssl', { ranges: [from('0', '3.0.11-1~deb12u2')] }),
    },
    has: deb('libssl3', '3.0.11-1~deb12u2', { name: 'openssl', version: '3.0.11-1~deb12u2' }),
    expected: [],
  },
  {
    rule: 'the release of the distribution counts',
    files: {
      'a.json': [
        record('CVE-2026-1008', 'Debian:11', 'x', { ranges: [from('0')] }),
        record('CVE-2026-1009', 'Debian:12', 'x', { ranges: [from('0', '2')] }),
      ],
    },
    has: deb('x', '1'),
    expected: ['CVE-2026-1009 unknown 2'],
  },
  {
    rule: 'the last version that is affected is, and the next is not',
    files: {
      'a.json': record('CVE-2026-1010', 'npm', 'left', {
        ranges: [{ events: [{ introduced: '1.0.0' }, { last_affected: '1.5.0' }] }],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '1.5.0' },
    expected: ['CVE-2026-1010 unknown -'],
  },
  {
    rule: 'after the last version that is affected',
    files: {
      'a.json': record('CVE-2026-1010', 'npm', 'left', {
        ranges: [{ events: [{ introduced: '1.0.0' }, { last_affected: '1.5.0' }] }],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '1.5.1' },
    expected: [],
  },
  {
    rule: 'from a limit on, nothing is said',
    files: {
      'a.json': record('CVE-2026-1011', 'npm', 'left', {
        ranges: [{ events: [{ introduced: '0' }, { limit: '2.0.0' }] }],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '2.0.0' },
    expected: [],
  },
  {
    rule: 'below the greatest of several limits',
    files: {
      'a.json': record('CVE-2026-1011', 'npm', 'left', {
        ranges: [{ events: [{ limit: '3.0.0' }, { introduced: '0' }, { limit: '2.0.0' }] }],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '2.5.0' },
    expected: ['CVE-2026-1011 unknown -'],
  },
  {
    rule: 'of several ranges, the one that has the version says what repairs it, whatever the order of the events',
    files: {
      'a.json': record('CVE-2026-1012', 'npm', 'left', {
        ranges: [
          {
            type: 'SEMVER',
            events: [
              { fixed: '2.3.1' },
              { introduced: '1.0.0' },
              { fixed: '1.4.2' },
              { introduced: '2.0.0' },
            ],
          },
        ],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '2.3.0' },
    expected: ['CVE-2026-1012 unknown 2.3.1'],
  },
  {
    rule: 'between two ranges',
    files: {
      'a.json': record('CVE-2026-1012', 'npm', 'left', {
        ranges: [from('1.0.0', '1.4.2'), from('2.0.0', '2.3.1')],
      }),
    },
    has: { kind: 'npm', name: 'left', version: '1.9.0' },
    expected: [],
  },
  {
    rule: 'a version that is listed beside the ranges',
    files: {
      'a.json': record('CVE-2026-1013', 'PyPI', 'Some.Thing', {
        ranges: [from('2.0', '2.4')],
        versions: ['1.0', '2.1'],
      }),
    },
    has: { kind: 'pypi', name: 'some_thing', version: '1.0.0' },
    expected: ['CVE-2026-1013 unknown 2.4'],
  },
  {
    rule: 'commits say nothing of a package, and its list of versions does',
    files: {
      'a.json': record('CVE-2026-1014', 'PyPI', 'thing', {
        ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }],
        versions: ['1.0'],
      }),
    },
    has: { kind: 'pypi', name: 'thing', version: '1.1' },
    expected: [],
  },
  {
    rule: 'severity by a vector of CVSS',
    files: {
      'a.json': record(
        'CVE-2026-1015',
        'npm',
        'left',
        { ranges: [from('0')] },
        { severity: [{ type: 'CVSS_V3', score: VECTOR }] },
      ),
    },
    has: { kind: 'npm', name: 'left', version: '1.0.0' },
    expected: ['CVE-2026-1015 critical -'],
  },
  {
    rule: "the distribution's own severity before the vector",
    files: {
      'a.json': record(
        'CVE-2026-1016',
        'Debian:12',
        'x',
        { ranges: [from('0')], ecosystem_specific: { urgency: 'low' } },
        { severity: [{ type: 'CVSS_V3', score: VECTOR }] },
      ),
    },
    has: deb('x', '1'),
    expected: ['CVE-2026-1016 low -'],
  },
  {
    rule: "GitHub's word, and one line for what has two names",
    files: {
      'a.json': [
        record(
          'GHSA-aaaa-bbbb-cccc',
          'PyPI',
          'thing',
          { ranges: [from('0', '2.0')] },
          { aliases: ['CVE-2026-1017'], database_specific: { severity: 'MODERATE' } },
        ),
        record(
          'PYSEC-2026-7',
          'PyPI',
          'thing',
          { ranges: [from('0')] },
          { aliases: ['CVE-2026-1017', 'GHSA-aaaa-bbbb-cccc'] },
        ),
      ],
    },
    has: { kind: 'pypi', name: 'thing', version: '1.0' },
    expected: ['CVE-2026-1017 medium 2.0'],
  },
  {
    rule: 'a repair of several is told only for those that nobody else tells of',
    files: {
      'a.json': [
        record(
          'DSA-6001-1',
          'Debian:12',
          'x',
          { ranges: [from('0', '2')] },
          { upstream: ['CVE-2026-1018', 'CVE-2026-1019'] },
        ),
        record('DEBIAN-CVE-2026-1018', 'Debian:12', 'x', { ranges: [from('0', '2')] }),
        record('DEBIAN-CVE-2026-1019', 'Debian:12', 'x', { ranges: [from('0', '2')] }),
        record(
          'DSA-6002-1',
          'Debian:12',
          'x',
          { ranges: [from('0', '3')] },
          { upstream: ['CVE-2026-1020', 'CVE-2026-1021'] },
        ),
      ],
    },
    has: deb('x', '1'),
    expected: ['CVE-2026-1018 unknown 2', 'CVE-2026-1019 unknown 2', 'DSA-6002-1 unknown 3'],
  },
  {
    rule: "Debian's tracker: repaired, open, never there and not looked into",
    files: {
      'tracker.json': {
        zlib: {
          'CVE-2026-1030': {
            description: 'One',
            releases: { bookworm: { status: 'resolved', fixed_version: '1.3-2', urgency: 'high**' } },
          },
          'CVE-2026-1031': { releases: { bookworm: { status: 'open', urgency: 'unimportant' } } },
          'CVE-2026-1032': {
            releases: { bookworm: { status: 'resolved', fixed_version: '0', urgency: 'low' } },
          },
          'CVE-2026-1033': { releases: { bookworm: { status: 'undetermined', urgency: 'low' } } },
          'CVE-2026-1034': { releases: { bullseye: { status: 'open', urgency: 'low' } } },
        },
      },
    },
    has: deb('zlib', '1.3-1'),
    expected: ['CVE-2026-1030 high 1.3-2', 'CVE-2026-1031 negligible -'],
  },
  {
    rule: "Alpine's secdb: by the origin of a package, with versions of Alpine's",
    files: {
      'main.json': {
        distroversion: 'v3.22',
        reponame: 'main',
        packages: [
          {
            pkg: {
              name: 'openssl',
              secfixes: {
                '3.3.1-r3': ['CVE-2026-1040 CVE-2026-1041'],
                '3.3.0_rc1-r0': ['CVE-2026-1042'],
                '0': ['CVE-2026-1043'],
              },
            },
          },
        ],
      },
    },
    distribution: { id: 'alpine', version: '3.22.1' },
    has: {
      kind: 'apk',
      name: 'libssl3',
      version: '3.3.1-r2',
      source: { name: 'openssl', version: '3.3.1-r2' },
    },
    expected: ['CVE-2026-1040 unknown 3.3.1-r3'],
  },
  {
    rule: 'Ubuntu: a long-term release, and what only its paid support repairs',
    files: {
      'a.json': [
        record(
          'UBUNTU-CVE-2026-1050',
          'Ubuntu:22.04:LTS',
          'x',
          { ranges: [from('0')] },
          { severity: [{ type: 'Ubuntu', score: 'medium' }] },
        ),
        record('UBUNTU-CVE-2026-1050', 'Ubuntu:Pro:22.04:LTS', 'x', {
          ranges: [from('0', '1.0-1ubuntu1+esm1')],
        }),
      ].map((one, at) => ({ ...one, id: at === 0 ? one.id : 'USN-7000-1', upstream: ['CVE-2026-1050'] })),
    },
    distribution: { id: 'ubuntu', version: '22.04' },
    has: deb('x', '1.0-1ubuntu1'),
    expected: ['CVE-2026-1050 medium 1.0-1ubuntu1+esm1'],
  },
  {
    rule: 'Red Hat: by the CPE of Enterprise Linux, the name of what is installed, and a word before the summary',
    files: {
      'a.json': [
        record(
          'RHSA-2026:1',
          'Red Hat:enterprise_linux:9::baseos',
          'openssl-libs',
          { ranges: [from('0', '1:3.0.7-25.el9_3')] },
          { upstream: ['CVE-2026-1060'], summary: 'Important: openssl' },
        ),
        record(
          'RHSA-2026:2',
          'Red Hat:rhel_eus:9.0::baseos',
          'openssl-libs',
          { ranges: [from('0', '1:9-9.el9')] },
          { upstream: ['CVE-2026-1061'] },
        ),
      ],
    },
    distribution: { id: 'rhel', version: '9.4' },
    has: {
      kind: 'rpm',
      name: 'openssl-libs',
      version: '1:3.0.7-24.el9',
      source: { name: 'openssl', version: '3.0.7-24.el9' },
    },
    expected: ['CVE-2026-1060 high 1:3.0.7-25.el9_3'],
  },
  {
    rule: 'AlmaLinux, by its major release',
    files: {
      'a.json': record(
        'ALSA-2026:1',
        'AlmaLinux:9',
        'bash',
        { ranges: [from('0', '5.1.8-9.el9')] },
        { related: ['CVE-2026-1062'] },
      ),
    },
    distribution: { id: 'almalinux', version: '9.4' },
    has: { kind: 'rpm', name: 'bash', version: '0:5.1.8-6.el9' },
    expected: ['CVE-2026-1062 unknown 5.1.8-9.el9'],
  },
  {
    rule: 'Go: with a v, and its standard library',
    files: {
      'a.json': [
        record(
          'GO-2026-1',
          'Go',
          'stdlib',
          { ranges: [{ type: 'SEMVER', ...from('0', '1.21.11') }] },
          { aliases: ['CVE-2026-1070'] },
        ),
      ],
    },
    has: { kind: 'golang', name: 'stdlib', version: 'go1.21.9' },
    expected: ['CVE-2026-1070 unknown 1.21.11'],
  },
  {
    rule: 'Maven, NuGet without regard to case',
    files: {
      'a.json': record(
        'GHSA-1',
        'NuGet',
        'Newtonsoft.Json',
        { ranges: [from('0', '13.0.1')] },
        { aliases: ['CVE-2026-1080'] },
      ),
    },
    has: { kind: 'nuget', name: 'newtonsoft.json', version: '12.0.3' },
    expected: ['CVE-2026-1080 unknown 13.0.1'],
  },
]

describe('vulnerabilities of packages', () => {
  const { folder, remove } = scratch()
  after(remove)

  async function opened(files: Record<string, unknown>): Promise<Database> {
    return await madeDatabase(folder(), files)
  }

  for (const { rule, files, distribution = BOOKWORM, has, expected } of CASES)
    it(`are told by the rule: ${rule}`, async () => {
      const database = await opened(files)
      const found = matchPackages(database, [asPackage(has)], distribution)
      expect(found.matches.map(inWords)).to.deep.equal(expected)
      expect(found.packages).to.equal(1)
      expect(found.unknown).to.deep.equal([])
      database.close()
    })

  it('are never none where the release is not in the database', async () => {
    const database = await opened({
      'a.json': record('CVE-2026-1', 'Debian:12', 'x', { ranges: [from('0')] }),
    })
    const packages = [
      asPackage(deb('x', '1')),
      asPackage({ kind: 'npm', name: 'left', version: '1.0.0' }),
      asPackage({ kind: 'windows', name: 'Windows', version: '10.0' }),
    ]
    const found = matchPackages(database, packages, { id: 'debian', version: '14' })
    expect(found).to.deep.include({ matches: [], packages: 0, sources: [] })
    expect(found.unknown).to.deep.equal([
      { ecosystem: 'Debian:14', packages: 1 },
      { ecosystem: 'npm', packages: 1 },
      { ecosystem: 'windows of debian 14', packages: 1 },
    ])
    expect(matchPackages(database, packages.slice(0, 1), undefined).unknown).to.deep.equal([
      { ecosystem: 'deb', packages: 1 },
    ])
    database.close()
  })

  it('are those of testing by its codename, and of edge', async () => {
    const database = await opened({
      'tracker.json': {
        x: {
          'CVE-2026-1001': {
            releases: { sid: { status: 'open', urgency: 'low' }, forky: { status: 'open', urgency: 'low' } },
          },
        },
      },
      'b.json': record('CVE-2026-2', 'Alpine:edge', 'y', { ranges: [from('0')] }),
    })
    expect(
      matchPackages(database, [asPackage(deb('x', '1'))], { id: 'debian', codename: 'sid' }).matches,
    ).to.have.lengthOf(1)
    expect(
      matchPackages(database, [asPackage(deb('x', '1'))], { id: 'debian', codename: 'forky' }).matches,
    ).to.have.lengthOf(1)
    const edge = matchPackages(database, [asPackage({ kind: 'apk', name: 'y', version: '1-r0' })], {
      id: 'alpine',
      version: '3.23.0_alpha20251016',
    })
    expect(edge.matches).to.have.lengthOf(1)
    database.close()
  })

  it('are in order: the worst first, then by package', async () => {
    const severity = (score: string) => ({ severity: [{ type: 'CVSS_V3', score }] })
    const database = await opened({
      'a.json': [
        record(
          'CVE-2026-3',
          'npm',
          'b',
          { ranges: [from('0')] },
          severity('CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N'),
        ),
        record('CVE-2026-2', 'npm', 'b', { ranges: [from('0')] }, severity(VECTOR)),
        record('CVE-2026-1', 'npm', 'a', { ranges: [from('0')] }),
      ],
    })
    const packages = ['b', 'a'].map((name) => asPackage({ kind: 'npm', name, version: '1.0.0' }))
    expect(matchPackages(database, packages, undefined).matches.map(inWords)).to.deep.equal([
      'CVE-2026-2 critical -',
      'CVE-2026-3 low -',
      'CVE-2026-1 unknown -',
    ])
    database.close()
  })
})

function asPackage(has: Case['has']): SoftwarePackage {
  return { file: 'var/lib/dpkg/status', layer: 0, ...has }
}

function inWords({ id, severity, fixedIn }: Match): string {
  return `${id} ${severity} ${fixedIn ?? '-'}`
}
