import path from 'node:path'
import { expect } from 'chai'
import { readIgnored } from '../../../../provider/inside/ignored/read-ignored.js'
import type { SoftwarePackage } from '../../../../provider/inside/packages/software-package.js'
import { leaveOut } from '../../../../provider/inside/vulnerabilities/leave-out.js'
import type { Match } from '../../../../provider/inside/vulnerabilities/match.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { writeFiles } from '../database/made-files.js'

const NOW = new Date('2026-11-30T12:00:00Z')
const DIGEST = `sha256:${'a'.repeat(64)}`

const LIBSSL: SoftwarePackage = {
  kind: 'deb',
  name: 'libssl3',
  version: '3.0.11-1',
  source: { name: 'openssl', version: '3.0.11-1' },
  file: 'var/lib/dpkg/status',
  layer: 0,
}
const ANGULAR: SoftwarePackage = {
  kind: 'npm',
  name: '@angular/core',
  version: '16.0.0',
  file: 'app/node_modules/@angular/core/package.json',
  layer: 1,
}

const MATCHES = [
  match('CVE-2026-1001', LIBSSL),
  match('CVE-2026-1002', LIBSSL, ['DSA-1']),
  match('CVE-2026-1003', ANGULAR, ['GHSA-1']),
]

describe('files of what is to be ignored', () => {
  const { folder, remove } = scratch()
  after(remove)

  async function ignored(content: unknown, digests: string[] = [DIGEST]): Promise<string[]> {
    const where = folder()
    await writeFiles(where, { ignore: content })
    const sorted = leaveOut(MATCHES, await readIgnored([path.join(where, 'ignore')]), digests, NOW)
    expect(sorted.left.length + sorted.ignored.length).to.equal(MATCHES.length)
    return sorted.ignored.map(({ id, reason }) => `${id}: ${reason}`)
  }

  const openVex = (...statements: unknown[]) => ({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex/1',
    author: 'A',
    timestamp: '2026-11-01T00:00:00Z',
    version: 1,
    statements,
  })
  const harmless = { status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' }

  it('are plain lists, with comments, and days until which they count', async () => {
    const list =
      '# ours\nCVE-2026-1001 # not reached\n\nDSA-1 exp:2026-11-30\r\nGHSA-1 exp:2026-11-29 # over\n'
    expect(await ignored(list)).to.deep.equal(['CVE-2026-1001: not reached', 'CVE-2026-1002: '])
  })

  it('tell which of them are over', async () => {
    const where = folder()
    await writeFiles(where, { list: 'GHSA-1 exp:2026-11-29' })
    const { expired } = leaveOut(MATCHES, await readIgnored([path.join(where, 'list')]), [], NOW)
    expect(expired.map(({ ids }) => ids)).to.deep.equal([['GHSA-1']])
  })

  it('are OpenVEX: for a package, by its package URL, with a version or without', async () => {
    const product = (id: string) => [{ '@id': id }]
    const vulnerability = { name: 'CVE-2026-1001' }
    const reason = 'CVE-2026-1001: not_affected: vulnerable_code_not_in_execute_path'
    for (const [id, applies] of [
      ['pkg:deb/debian/libssl3', true],
      ['pkg:deb/debian/openssl@3.0.11-1?arch=source', true],
      ['pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12', true],
      ['pkg:deb/debian/libssl3@3.0.12-1', false],
      ['pkg:deb/debian/zlib1g', false],
      ['pkg:rpm/redhat/openssl', false],
      ['openssl', false],
    ] as const)
      expect(await ignored(openVex({ vulnerability, products: product(id), ...harmless })), id).to.deep.equal(
        applies ? [reason] : [],
      )
    expect(
      await ignored(
        openVex({
          vulnerability: { name: 'X', aliases: ['GHSA-1'] },
          products: product('pkg:npm/%40angular/core@16.0.0'),
          status: 'fixed',
        }),
      ),
    ).to.deep.equal(['CVE-2026-1003: fixed'])
  })

  it('are OpenVEX: for an image by its digest, and what is in it', async () => {
    const statement = (digest: string, subcomponents?: unknown) =>
      openVex({
        vulnerability: 'CVE-2026-1001',
        products: [
          {
            '@id': `pkg:oci/debian@${encodeURIComponent(digest)}?repository_url=registry.example.org/debian`,
            ...(subcomponents ? { subcomponents } : {}),
          },
        ],
        ...harmless,
      })
    expect(await ignored(statement(DIGEST))).to.have.lengthOf(1)
    expect(await ignored(statement(`sha256:${'b'.repeat(64)}`))).to.deep.equal([])
    expect(await ignored(statement(DIGEST, [{ '@id': 'pkg:deb/debian/libssl3' }]))).to.have.lengthOf(1)
    expect(await ignored(statement(DIGEST, [{ '@id': 'pkg:deb/debian/zlib1g' }]))).to.deep.equal([])
    expect(await ignored(statement(DIGEST, [{ '@id': 'something' }]))).to.deep.equal([])
  })

  it('leave in what is affected, or is still looked into', async () => {
    for (const status of ['affected', 'under_investigation'])
      expect(await ignored(openVex({ vulnerability: { name: 'CVE-2026-1001' }, status }))).to.deep.equal([])
  })

  it('are CycloneDX with VEX: by reference, package URL and link to another document', async () => {
    const document = (state: string, ref?: string) => ({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        { 'bom-ref': 'c-1', type: 'library', name: 'openssl', purl: 'pkg:deb/debian/openssl@3.0.11-1' },
      ],
      vulnerabilities: [
        {
          id: 'CVE-2026-1001',
          analysis: { state, justification: 'code_not_reachable' },
          ...(ref === undefined ? {} : { affects: [{ ref }] }),
        },
      ],
    })
    const told = ['CVE-2026-1001: not_affected: code_not_reachable']
    expect(await ignored(document('not_affected'))).to.deep.equal(told)
    expect(await ignored(document('not_affected', 'c-1'))).to.deep.equal(told)
    expect(await ignored(document('not_affected', 'pkg:deb/debian/libssl3'))).to.deep.equal(told)
    expect(
      await ignored(
        document(
          'not_affected',
          `urn:cdx:8b7e8a6c-0000-4000-8000-000000000000/1#${encodeURIComponent('pkg:deb/debian/libssl3@3.0.11-1')}`,
        ),
      ),
    ).to.deep.equal(told)
    for (const ref of ['c-2', 'pkg:deb/debian/zlib1g', 'urn:cdx:x/1#%zz'])
      expect(await ignored(document('not_affected', ref))).to.deep.equal([])
    for (const state of ['exploitable', 'in_triage']) expect(await ignored(document(state))).to.deep.equal([])
    for (const state of ['resolved', 'resolved_with_pedigree', 'false_positive'])
      expect(await ignored(document(state))).to.have.lengthOf(1)
  })

  it('are refused as a whole where anything in them is wrong', async () => {
    const where = folder()
    await writeFiles(where, {
      a: 'CVE-2026-1 exp:soon\nwhat is this?\n',
      b: '{"hello": 1}',
      c: '{',
      d: Buffer.from([0xff, 0xfe, 0x41]),
      e: { '@context': 'https://openvex.dev/ns', statements: [{ status: 'fixed' }, 5] },
      f: { bomFormat: 'CycloneDX', vulnerabilities: [{ analysis: { state: 'resolved' } }] },
    })
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      await failure(readIgnored([path.join(where, name)]), 'INVALID_DOCUMENT')
    const error = await failure(readIgnored([path.join(where, 'a')]), 'INVALID_DOCUMENT')
    expect(error.message).to.match(/line 1: .*line 2: /s)
    await failure(readIgnored([path.join(where, 'none')]), 'PATH_NOT_FOUND')
  })
})

function match(id: string, one: SoftwarePackage, aliases: string[] = []): Match {
  return { id, aliases, severity: 'high', package: one, version: one.version, summary: '', sources: [] }
}
