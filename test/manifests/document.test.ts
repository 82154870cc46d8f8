import { expect } from 'chai'
import { anyCase, Findings, LIMITS, parseJson, parseObject } from '../../manifests/index.js'
import { bytes } from './documents.js'
import { placesOf, problemsOf, refusal } from './refusal.js'
import { Seeded } from './seeded.js'

const parse = (json: string | Uint8Array) =>
  parseObject(typeof json === 'string' ? bytes(json) : json, 'document', LIMITS.indexBytes)

describe('JSON objects from outside', () => {
  it('are what JSON.parse makes of them', () => {
    const text = ' {"a":[1,-2.5e3,"\\u00e9\\"{}[],:\\\\"],\n"b":{"":null},"c":true} '
    expect(parse(text)).to.deep.equal(JSON.parse(text))
  })

  it('may have exactly as many bytes as the limit, and not one more', () => {
    expect(parseObject(bytes('{"a":1}'), 'manifest', 7)).to.deep.equal({ a: 1 })
    const error = refusal(() => parseObject(bytes('{"a":1}'), 'manifest', 6), 'DOCUMENT_TOO_LARGE')
    expect(error).to.include({ expected: 'at most 6 bytes', found: 7, message: 'The manifest has 7 bytes.' })
  })

  it('are not looked at beyond the limit', () => {
    refusal(() => parse(Buffer.alloc(LIMITS.indexBytes + 1, '[')), 'DOCUMENT_TOO_LARGE')
  })

  for (const [what, text] of [
    ['a list', '[1]'],
    ['null', 'null'],
    ['a text', '"a"'],
    ['a number', '7'],
  ] as const)
    it(`are not ${what}`, () => {
      expect(problemsOf(() => parse(text))).to.deep.equal([
        { where: '(whole)', expected: 'a JSON object', found: text },
      ])
    })

  for (const [what, json] of [
    ['nothing', ''],
    ['a cut-off document', '{"a":'],
    ['a cut-off text', '{"a'],
    ['a text that ends in a backslash', '{"a\\'],
    ['something after the end', '{} {}'],
    ['a comment', '{} // a'],
    ['a comma at the end', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['a number with a leading zero', '{"a":01}'],
    ['a closing bracket too many', '{}]}'],
    ['brackets that cross', '{"a":[}]'],
    ['a raw line break in a text', '{"a":"\n"}'],
    ['a NUL after the end', '{}\0'],
    ['a byte order mark', '\ufeff{}'],
    ['invalid UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a surrogate in UTF-8', Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['an overlong slash in UTF-8', Uint8Array.from([0x22, 0xc0, 0xaf, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ] as const)
    it(`are refused with ${what}`, () => {
      const [problem, ...more] = problemsOf(() => parse(json))
      expect(problem).to.include({ where: '(whole)', expected: 'JSON in UTF-8' })
      expect(problem?.found).to.be.a('string').that.is.not.empty
      expect(more).to.deep.equal([])
    })

  for (const [json, found] of [
    ['\ufeff{}', 'a byte order mark in front, as editors on Windows write it'],
    [Buffer.from('\ufeff{"a":1}', 'utf16le'), 'UTF-16'],
    [Buffer.from('\ufeff{"a":1}', 'utf16le').swap16(), 'UTF-16'],
    ['', 'no bytes'],
    [Buffer.alloc(700), 'zeros only'],
  ] as const)
    it(`name what they are instead: ${found}`, () => {
      expect(problemsOf(() => parse(json))).to.deep.equal([
        { where: '(whole)', expected: 'JSON in UTF-8', found },
      ])
    })

  it('keep half a pair of an escape', () => {
    expect(parse('{"a":"\\ud800"}')).to.deep.equal({ a: '\ud800' })
  })

  it('keep __proto__ as a member like any other', () => {
    const parsed = parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    expect(Object.keys(parsed)).to.deep.equal(['__proto__', 'constructor'])
    expect('polluted' in {}).to.equal(false)
    expect('polluted' in parsed).to.equal(false)
  })

  it('do not become one number more for numbers beyond 2^53', () => {
    expect(parse('{"size":9007199254740993}').size).not.to.satisfy(Number.isSafeInteger)
  })
})

describe('JSON that parsers read differently', () => {
  it('has a name twice in one object, at any depth', () => {
    expect(placesOf(() => parse('{"a":1,"a":2}'))).to.deep.equal(['a'])
    expect(placesOf(() => parse('{"x":[{},{"y":{"b":1,"c":2,"b":3}}]}'))).to.deep.equal(['x[1].y.b'])
    expect(placesOf(() => parse('{"a":1,"\\u0061":2}'))).to.deep.equal(['a'])
    expect(placesOf(() => parse('{"a":{"b":1,"b":1},"c":{"d":1,"d":1}}'))).to.deep.equal(['a.b', 'c.d'])
    expect(placesOf(() => parse('{"":1,"":2}'))).to.deep.equal(['(whole)'])
  })

  it('does not have a name twice in two objects, or as name and value', () => {
    for (const text of [
      '{"a":{"a":{"a":"a"}}}',
      '{"x":[{"a":1},{"a":1}]}',
      '{"a":"b","b":"a"}',
      '{"x":["a","a"]}',
    ])
      expect(parse(text)).to.deep.equal(JSON.parse(text))
  })

  it('does not have a name in what only looks like one', () => {
    for (const text of ['{"a":"\\",\\"a\\":","b":1}', '{"a\\\\":1,"a":2}', '{"a\\"":1,"a":"}{"}'])
      expect(parse(text)).to.deep.equal(JSON.parse(text))
  })

  it('has keys at the top that differ only in case, or in what Go takes for case', () => {
    expect(placesOf(() => parse('{"layers":[],"Layers":[]}'))).to.deep.equal(['Layers'])
    expect(placesOf(() => parse('{"layers":[],"layer\u017f":[]}'))).to.deep.equal(['layer\u017f'])
    expect(placesOf(() => parse('{"k":1,"\u212a":2}'))).to.deep.equal(['\u212a'])
    expect(parse('{"labels":{"a":1,"A":2}}')).to.deep.equal({ labels: { a: 1, A: 2 } })
  })

  it('is nested deeper than the limit', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(parse(nested(LIMITS.nesting))).to.have.property('a')
    expect(problemsOf(() => parse(nested(LIMITS.nesting + 1)))).to.deep.equal([
      { where: '(whole)', expected: `at most ${LIMITS.nesting} levels of nesting`, found: 'more' },
    ])
  })

  for (const [what, text] of [
    ['brackets', '['.repeat(LIMITS.indexBytes)],
    ['brackets that are closed', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', '{"":'.repeat(LIMITS.indexBytes / 4)],
    ['closing brackets', ']'.repeat(LIMITS.indexBytes)],
    ['quotes', '"'.repeat(LIMITS.indexBytes)],
    ['backslashes', `"${'\\'.repeat(LIMITS.indexBytes - 1)}`],
    ['escaped quotes', `"${'\\"'.repeat(LIMITS.indexBytes / 2 - 1)}`],
    ['commas', ','.repeat(LIMITS.indexBytes)],
  ] as const)
    it(`takes time that grows with its length only, when it is nothing but ${what}, as many as a document may have`, () => {
      const error = refusal(() => parse(text), 'INVALID_DOCUMENT')
      expect(error.message).to.have.length.below(400)
    })

  it('is told in a bounded message when a million names stand twice', () => {
    const error = refusal(() => parse(`{${'"a":1,'.repeat(1e6)}"a":1}`), 'INVALID_DOCUMENT')
    expect(error.details?.problems).to.have.lengthOf(100)
    expect(error.details?.more).to.equal(999_900)
  })

  it('is never what JSON.stringify wrote', () => {
    const random = new Seeded(6)
    const value = (depth: number): unknown => {
      const kind = random.below(depth > 4 ? 2 : 4)
      if (kind === 0) return random.text('a"\\{}[],:\n é', 0, 6)
      if (kind === 1) return random.oneOf([1, -0.5, true, null])
      const length = random.below(5)
      if (kind === 2) return Array.from({ length }, () => value(depth + 1))
      return Object.fromEntries(
        Array.from({ length }, () => [random.text('a"\\{,:', 0, 4), value(depth + 1)]),
      )
    }
    for (let i = 0; i < 1000; i++) {
      const made = { value: value(0) }
      const findings = new Findings('document')
      expect(parseJson(bytes(JSON.stringify(made, null, random.below(3))), findings)).to.deep.equal(made)
      expect(findings.problems).to.deep.equal([])
    }
  })

  it('is found by parseJson as well, which then returns nothing', () => {
    const findings = new Findings('list')
    expect(parseJson(bytes('[{"a":1,"a":2}]'), findings)).to.equal(undefined)
    expect(findings.problems).to.deep.equal([
      { where: '[0].a', expected: 'one member of this name', found: '"a"' },
    ])
  })
})

describe('a key in any case', () => {
  it('is found as Go finds it', () => {
    expect(anyCase({ LAYERS: 1 }, 'layers')).to.equal(1)
    expect(anyCase({ manife\u017fts: 2 }, 'manifests')).to.equal(2)
    expect(anyCase({ layer: 1 }, 'layers')).to.equal(undefined)
    expect(anyCase({}, 'constructor')).to.equal(undefined)
  })
})
