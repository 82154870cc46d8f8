import { expect } from 'chai'
import { Findings, printable, show } from '../../manifests/index.js'
import { refusal } from './refusal.js'

describe('what is shown of text from outside', () => {
  const steering: [name: string, character: string][] = [
    ['a NUL', '\0'],
    ['an escape', '\u001b'],
    ['a line break', '\n'],
    ['a carriage return', '\r'],
    ['a tab', '\t'],
    ['a backspace', '\b'],
    ['DEL', '\u007f'],
    ['the 8-bit CSI', '\u009b'],
    ['a soft hyphen', '\u00ad'],
    ['the Arabic letter mark', '\u061c'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['the right-to-left mark', '\u200f'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['the right-to-left embedding', '\u202b'],
    ['the right-to-left override', '\u202e'],
    ['the word joiner', '\u2060'],
    ['the right-to-left isolate', '\u2067'],
    ['the end of an isolate', '\u2069'],
    ['a byte order mark', '\ufeff'],
    ['an interlinear anchor', '\ufff9'],
    ['a tag', '\u{e0041}'],
    ['half a pair', '\ud83d'],
  ]
  for (const [name, character] of steering)
    it(`has no ${name.replace(/^(an?|the) /, '')} (CVE-2021-42574)`, () => {
      expect(printable(`a${character}b`)).to.equal('a?b')
      expect(show(`a${character}b`)).to.match(/^"a(\?|\\u?[0-9a-z]+)b"$/)
    })

  it('keeps letters of every script, and symbols', () => {
    for (const text of ['NanoServer 10.0', 'Ünïcödé', 'العربية', 'עברית', '日本語', 'ไทย', '🐳', 'a\u0301'])
      expect(printable(text)).to.equal(text)
  })

  it('shows values as JSON, and nothing as nothing', () => {
    expect(show('a"b')).to.equal('"a\\"b"')
    expect(show(7)).to.equal('7')
    expect(show(null)).to.equal('null')
    expect(show({ a: [1] })).to.equal('{"a":[1]}')
    expect(show(undefined)).to.equal('nothing')
    expect(show(Number.NaN)).to.equal('null')
  })

  it('shows what JSON cannot hold', () => {
    const ring: Record<string, unknown> = {}
    ring.self = ring
    expect(show(ring)).to.equal('a value that cannot be shown')
    expect(show(10n)).to.equal('10')
    expect(show(Symbol('a'))).to.equal('Symbol(a)')
    let deep: unknown[] = []
    for (let i = 0; i < 1e5; i++) deep = [deep]
    expect(show(deep)).to.equal('a value that cannot be shown')
  })

  it('is short, however long the value is', () => {
    for (const value of ['x'.repeat(5e7), '"'.repeat(5e7), 'é'.repeat(1e6), { a: 'x'.repeat(1e6) }]) {
      expect(show(value)).to.have.length.at.most(120)
      expect(show(value)).to.match(/\.\.\.$/)
    }
  })

  it('does not end in half a character', () => {
    for (let length = 100; length < 125; length++)
      expect(show(`${'x'.repeat(length)}${'🐳'.repeat(9)}`)).not.to.match(
        /[\ud800-\udbff](?![\udc00-\udfff])/,
      )
  })
})

describe('the findings about a document', () => {
  it('are thrown together, each with where, expected and found', () => {
    const findings = new Findings('manifest')
    findings.add('layers[2].digest', 'a digest', 'abc')
    findings.note('(whole)', 'JSON', 'the end')
    const error = refusal(() => findings.throwIfAny(), 'INVALID_DOCUMENT')
    expect(error.message).to.equal(
      'The manifest is not valid: layers[2].digest: expected a digest, found "abc"; (whole): expected JSON, found the end.',
    )
    expect(error.expected).to.equal('a digest')
    expect(error.found).to.equal('"abc"')
    expect(error.details).to.deep.equal({
      document: 'manifest',
      problems: [
        { where: 'layers[2].digest', expected: 'a digest', found: '"abc"' },
        { where: '(whole)', expected: 'JSON', found: 'the end' },
      ],
    })
  })

  it('throw nothing where there are none', () => {
    new Findings('manifest').throwIfAny()
  })

  it('can have another code', () => {
    const findings = new Findings('list')
    findings.add('[0]', 'a name', 1)
    refusal(() => findings.throwIfAny('USAGE'), 'USAGE')
  })

  it('name places that came from outside harmlessly', () => {
    const findings = new Findings('index')
    findings.add(`annotations.\u001b[2J${'x'.repeat(1000)}`, 'a text', 1)
    expect(findings.problems[0]?.where)
      .to.match(/^annotations\.\?\[2Jx+\.\.\.$/)
      .and.have.length.below(130)
  })

  it('are counted beyond the first hundred, and listed up to there', () => {
    const findings = new Findings('index')
    for (let i = 0; i < 1e6; i++) findings.add(`manifests[${i}]`, 'a descriptor', i)
    expect(findings.count).to.equal(1e6)
    const error = refusal(() => findings.throwIfAny(), 'INVALID_DOCUMENT')
    expect(error.details?.problems).to.have.lengthOf(100)
    expect(error.details?.more).to.equal(999_900)
    expect(error.message).to.match(/found 99; and 999900 more\.$/)
  })
})
