import { expect } from 'chai'
import { compareVulnerabilities } from '../../../../provider/inside/compare/compare-vulnerabilities.js'
import type { Match } from '../../../../provider/inside/vulnerabilities/match.js'

function match(id: string, more: Partial<Match> & { name?: string; kind?: 'deb' | 'npm' } = {}): Match {
  const { name = 'one', kind = 'npm', version = '1.0', ...rest } = more
  const own = { kind, name, version, file: 'package.json', layer: 0 }
  return { id, aliases: [], severity: 'low', package: own, version, summary: '', sources: [], ...rest }
}

const inWords = (first: Match[], second: Match[]) =>
  compareVulnerabilities(first, second).map((one) => `${one.change} ${one.id} ${one.kind} ${one.package}`)

describe('vulnerabilities of two images', () => {
  it('are gone or come by package, and the most severe stand first', () => {
    const first = [match('CVE-2026-0001'), match('CVE-2026-0002', { severity: 'high' })]
    const second = [match('CVE-2026-0001'), match('CVE-2026-0003', { severity: 'critical' })]
    expect(inWords(first, second)).to.deep.equal(['come CVE-2026-0003 npm one', 'gone CVE-2026-0002 npm one'])
    expect(inWords(second, first)).to.deep.equal(['gone CVE-2026-0003 npm one', 'come CVE-2026-0002 npm one'])
  })

  it('are of one package each, and of one kind of package', () => {
    const first = [match('CVE-2026-0001')]
    expect(inWords(first, [match('CVE-2026-0001', { name: 'two' })])).to.have.length(2)
    expect(inWords(first, [match('CVE-2026-0001', { kind: 'deb' })])).to.have.length(2)
  })

  it('are the same in another version, and where a package is there more often', () => {
    const first = [match('CVE-2026-0001'), match('CVE-2026-0001', { version: '2.0' })]
    expect(inWords(first, [match('CVE-2026-0001', { version: '3.0' })])).to.deep.equal([])
    expect(inWords(first, [])).to.deep.equal(['gone CVE-2026-0001 npm one'])
  })

  it('are the same where they have a name in common, whatever each publisher calls them', () => {
    const first = [match('GHSA-aaaa')]
    const second = [match('CVE-2026-0001', { aliases: ['GHSA-aaaa'] })]
    expect(inWords(first, second)).to.deep.equal([])
    expect(inWords(second, first)).to.deep.equal([])
  })
})
