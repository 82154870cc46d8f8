import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { checkDatabase } from '../../../provider/inside/database/check-database.js'
import { Database } from '../../../provider/inside/database/open-database.js'
import { readPublications } from '../../../provider/inside/database/read-publications.js'
import { readIgnored } from '../../../provider/inside/ignored/read-ignored.js'
import { madeDatabase, record } from '../../../test/provider/inside/database/made-database.js'
import { factsOf } from '../../../test/provider/inside/packages/facts-of.js'
import { SAMPLES } from '../../../test/provider/inside/packages/samples.js'
import { broken, type Target } from '../target.js'

/** The path determines the format; the names are those that people use. */
const NAMES: [pattern: RegExp, name: string][] = [
  [/dpkg\/status$/, 'dpkg'],
  [/apk\/db/, 'apk'],
  [/pacman/, 'pacman'],
  [/rpmdb\.sqlite$/, 'rpm-sqlite'],
  [/Packages\.db$/, 'rpm-ndb'],
  [/rpm\/Packages$/, 'rpm-bdb'],
  [/SOFTWARE$/, 'hive'],
  [/package\.json$/, 'npm'],
  [/METADATA$/, 'pypi'],
  [/deps\.json$/, 'deps-json'],
  [/\.jar$/, 'jar'],
  [/\.gemspec$/, 'gem'],
  [/installed\.json$/, 'composer'],
]

const MOST_NAME = 512

/** A file of an image that says what is installed; a format without a name here is named after its file. */
function packageTargets(): Target[] {
  const byName = new Map<string, { path: string; bytes: Buffer }[]>()
  for (const { path: file, bytes } of SAMPLES) {
    const name = NAMES.find(([pattern]) => pattern.test(file))?.[1] ?? 'programs-and-others'
    byName.set(name, [...(byName.get(name) ?? []), { path: file, bytes }])
  }
  return [...byName].map(([name, samples]) => ({
    name,
    prepare: () => ({
      seeds: samples.map(({ bytes }) => bytes),
      take(input) {
        for (const { path: file } of samples)
          for (const { packages = [] } of factsOf(file, input))
            for (const one of packages)
              if (
                one.name.length > MOST_NAME ||
                one.version.length > MOST_NAME ||
                /\n/.test(one.name + one.version)
              )
                broken(JSON.stringify(one).slice(0, 200))
      },
    }),
  }))
}

function inFile(
  name: string,
  ending: string,
  seeds: (string | object)[],
  take: (file: string) => unknown,
  words: string[] = [],
): Target {
  return {
    name,
    prepare(folder) {
      const file = path.join(folder, `input${ending}`)
      return {
        seeds: seeds.map((one) => Buffer.from(typeof one === 'string' ? one : JSON.stringify(one))),
        words,
        async take(input) {
          writeFileSync(file, input)
          await take(file)
        },
      }
    },
  }
}

const OSV = record(
  'CVE-2026-1',
  'Debian:12',
  'libc6',
  { ranges: [{ events: [{ introduced: '0' }, { fixed: '2.36-10' }] }], versions: ['2.36'] },
  {
    aliases: ['GHSA-x'],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  },
)
const TRACKER = {
  glibc: {
    'CVE-2026-0001': {
      description: 'x',
      scope: 'local',
      releases: {
        bookworm: {
          status: 'resolved',
          repositories: { bookworm: '2.36-9' },
          fixed_version: '2.36-9',
          urgency: 'high',
        },
      },
    },
  },
}
const SECDB = {
  distroversion: 'v3.20',
  reponame: 'main',
  urlprefix: 'https://x',
  packages: [
    { pkg: { name: 'musl', secfixes: { '1.2.4-r2': ['CVE-2026-1 CVE-2026-2'], '0': ['CVE-2026-3'] } } },
  ],
}
const OPENVEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'x',
  author: 'a',
  timestamp: '2026-01-01T00:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1', aliases: ['GHSA-x'] },
      products: [{ '@id': 'pkg:oci/x@sha256:a', subcomponents: [{ '@id': 'pkg:deb/debian/libc6@2.36' }] }],
      status: 'not_affected',
      justification: 'component_not_present',
    },
  ],
}
const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [
    { 'bom-ref': 'a', type: 'library', name: 'libc6', version: '1', purl: 'pkg:deb/debian/libc6@2.36' },
  ],
  vulnerabilities: [
    {
      id: 'CVE-2026-1',
      analysis: { state: 'not_affected' },
      affects: [{ ref: 'a' }, { ref: 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a' }],
    },
  ],
}

export const INSIDE: Target[] = [
  ...packageTargets(),
  inFile('osv', '.json', [OSV, [OSV, OSV]], (file) => readPublications([file]), [
    '"ranges":[]',
    '"events":[{"introduced":"0"}]',
    '"ecosystem":"npm"',
  ]),
  inFile('tracker', '.json', [TRACKER], (file) => readPublications([file])),
  inFile('secdb', '.json', [SECDB], (file) => readPublications([file])),
  inFile(
    'vex',
    '.json',
    [OPENVEX, CYCLONEDX, 'CVE-2026-1\n# no\nCVE-2026-2 exp:2027-01-01\n'],
    (file) => readIgnored([file]),
    ['pkg:deb/', '@', '%40', '?arch=', '#'],
  ),
  {
    name: 'database',
    async prepare(folder) {
      const made = await madeDatabase(folder, { 'osv.json': OSV, 'secdb.json': SECDB })
      made.close()
      const file = path.join(folder, 'input.db')
      const seed = readFileSync(path.join(folder, 'advisories.db'))
      return {
        seeds: [seed],
        async take(input) {
          rmSync(`${file}.checked`, { force: true })
          writeFileSync(file, input)
          const database = Database.open(file)
          try {
            for (const { name } of database.sources) database.blockOf(name)
            await checkDatabase(file, database.header)
            if (!input.subarray(0, seed.length).equals(seed)) broken('a database that was changed is taken')
          } finally {
            database.close()
          }
        },
      }
    },
  },
]
