import { expect } from 'chai'
import { canonicalBytes, canonicalJson } from '../../manifests/index.js'
import { Seeded } from './seeded.js'

describe('canonical JSON', () => {
  it('sorts keys by code unit at every depth, and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ z: 1, a: 2 }, 3, 1], a: { é: 1, z: 2, Z: 3 } })).to.equal(
      '{"a":{"Z":3,"z":2,"é":1},"b":[{"a":2,"z":1},3,1]}',
    )
  })

  it('sorts keys that look like numbers as texts too', () => {
    expect(canonicalJson({ 9: 1, 10: 2, a: 3, '-1': 4 })).to.equal('{"-1":4,"10":2,"9":1,"a":3}')
  })

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ a: undefined, b: null, c: [undefined] })).to.equal('{"b":null,"c":[null]}')
  })

  it('keeps __proto__ as a member like any other', () => {
    const text = '{"__proto__":{"a":1},"b":2}'
    expect(canonicalJson(JSON.parse(text))).to.equal(text)
  })

  it('writes the vectors of RFC 8785 as it asks', () => {
    const numbers = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    }
    expect(canonicalJson(numbers)).to.equal('{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}')
    expect(canonicalJson({ string: '\u20ac$\u000f\nA\'B"\\\\"/' })).to.equal(
      '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    // Section 3.2.3: sorted by UTF-16 code units, not by code points.
    const keys = { '\u20ac': 5, '\r': 1, '\ufb33': 7, '1': 2, '\u{1f600}': 6, '\u0080': 3, ö: 4 }
    expect(
      Object.values(JSON.parse(`[${canonicalJson(keys).replace(/[{}]|"(?:[^"\\]|\\.)*":/g, '')}]`)),
    ).to.deep.equal([1, 2, 3, 4, 5, 6, 7])
  })

  it('writes half a pair as an escape, so that the bytes are UTF-8', () => {
    expect(canonicalJson({ '\ud800': '\udc00x' })).to.equal('{"\\ud800":"\\udc00x"}')
    expect(JSON.parse(canonicalBytes('\ud800').toString('utf8'))).to.equal('\ud800')
  })

  it('parses to what was written, and does not depend on the order in which it was made', () => {
    const random = new Seeded(4)
    const value = (depth: number): unknown => {
      const kind = random.below(depth > 3 ? 4 : 6)
      if (kind === 0) return random.text('aé"\\\n\u2028😀', 0, 5)
      if (kind === 1) return random.below(1e9) - 5e8
      if (kind === 2) return random.oneOf([true, false, null])
      if (kind === 3) return random.below(1000) / 7
      const length = random.below(5)
      if (kind === 4) return Array.from({ length }, () => value(depth + 1))
      const members = Array.from({ length }, () => [random.text('aB19_é', 0, 3), value(depth + 1)] as const)
      return Object.fromEntries(members)
    }
    for (let i = 0; i < 500; i++) {
      const made = value(0)
      const text = canonicalJson(made)
      expect(JSON.parse(text)).to.deep.equal(made)
      expect(canonicalJson(reversed(made))).to.equal(text)
      expect(canonicalJson(JSON.parse(text))).to.equal(text)
    }
  })
})

/** The same value, its members made in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, v]) => [key, reversed(v)]),
  )
}
