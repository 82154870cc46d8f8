import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'
import type { SoftwarePackage } from '../../../../provider/inside/packages/software-package.js'
import { matchPackages } from '../../../../provider/inside/vulnerabilities/match.js'
import { Seeded } from '../../../manifests/seeded.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { madeDatabase } from '../database/made-database.js'

/** One vulnerability of one source package in one release. */
interface Fact {
  cve: string
  source: string
  /** Left out where nothing repairs it yet. */
  fixed?: string
}

describeWithPeers(['debsecan'], 'vulnerabilities of Debian', () => {
  const { folder, remove } = scratch()
  after(remove)

  it('are those that debsecan finds in the same data', async () => {
    const where = folder()
    const seeded = new Seeded(8)
    const facts = Array.from({ length: 400 }, (_, at): Fact => {
      const fixed = seeded.perhaps(() => version(seeded))
      return {
        cve: `CVE-2026-${1000 + Math.floor(at / 2)}`,
        source: `src${seeded.below(60)}`,
        ...(fixed === undefined ? {} : { fixed }),
      }
    })
    const packages = Array.from({ length: 150 }, (_, at): SoftwarePackage => {
      const source = { name: `src${seeded.below(80)}`, version: version(seeded) }
      return {
        kind: 'deb',
        name: `bin${at}`,
        version: `9:${source.version}`,
        source,
        architecture: 'amd64',
        file: 'var/lib/dpkg/status',
        layer: 0,
      }
    })
    const database = await madeDatabase(where, { 'tracker.json': trackerOf(facts) })
    const found = matchPackages(database, packages, { id: 'debian', version: '12' })
    const ours = found.matches.map((one) => `${one.id} ${one.package.name}`).sort()
    database.close()
    expect(ours.length).to.be.greaterThan(200)
    expect(ours).to.deep.equal([...new Set(debsecan(where, facts, packages))].sort())
  })

  function debsecan(where: string, facts: Fact[], packages: SoftwarePackage[]): string[] {
    mkdirSync(path.join(where, 'data'))
    writeFileSync(path.join(where, 'data', 'bookworm'), dataOf(facts))
    writeFileSync(path.join(where, 'status'), statusOf(packages))
    const source = pathToFileURL(path.join(where, 'data')).href
    const options = [
      '--suite',
      'bookworm',
      '--source',
      source,
      '--status',
      path.join(where, 'status'),
      '--format',
      'simple',
    ]
    return runPeer('debsecan', [
      ...options,
      '--whitelist',
      path.join(where, 'none'),
      '--config',
      path.join(where, 'none'),
    ])
      .trim()
      .split('\n')
  }
})

function version(seeded: Seeded): string {
  return `${seeded.below(3)}.${seeded.below(4)}${seeded.oneOf(['', '~rc1', '+dfsg'])}-${seeded.below(3)}${seeded.oneOf(['', '+deb12u1', '~deb12u2'])}`
}

function trackerOf(facts: Fact[]): Record<string, Record<string, unknown>> {
  const packages: Record<string, Record<string, unknown>> = {}
  for (const { cve, source, fixed } of facts) {
    packages[source] ??= {}
    packages[source][cve] = {
      releases: {
        bookworm:
          fixed === undefined
            ? { status: 'open', urgency: 'low' }
            : { status: 'resolved', fixed_version: fixed, urgency: 'low' },
      },
    }
  }
  return packages
}

/** The format that debsecan fetches: names, then source packages with what repairs each, then binaries; see `fetch_data`. */
function dataOf(facts: Fact[]): Buffer {
  const names = [...new Set(facts.map(({ cve }) => cve))]
  // The tracker has one fact for each package and name: the last.
  const last = new Map(facts.map((fact) => [`${fact.source} ${fact.cve}`, fact]))
  const lines = [...last.values()].map(
    ({ cve, source, fixed }) =>
      `${source},${names.indexOf(cve)},SL ${fixed === undefined ? ' ' : 'F'},${fixed ?? ''},`,
  )
  const text = ['VERSION 1', ...names.map((name) => `${name},,`), '', ...lines, '', ''].join('\n')
  return deflateSync(text)
}

function statusOf(packages: SoftwarePackage[]): string {
  return packages
    .map(({ name, version, source, architecture }) =>
      [
        `Package: ${name}`,
        'Status: install ok installed',
        `Architecture: ${architecture}`,
        `Source: ${source?.name} (${source?.version})`,
        `Version: ${version}`,
        '',
      ].join('\n'),
    )
    .join('\n')
}
