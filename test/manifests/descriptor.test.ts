import { expect } from 'chai'
import {
  checkAnnotations,
  checkDescriptor,
  type Descriptor,
  distinct,
  Findings,
  type Problem,
} from '../../manifests/index.js'
import { DIGEST, descriptor, OTHER_DIGEST } from './documents.js'

function problems(value: unknown): Problem[] {
  const findings = new Findings('manifest')
  checkDescriptor(value, 'config', findings)
  return findings.problems
}

const places = (value: unknown) => problems(value).map((problem) => problem.where)

describe('descriptors', () => {
  it('may have every member that the specification names, and more', () => {
    const full = descriptor({
      urls: ['https://example.com/a', 'oci:x'],
      annotations: { a: '', 'org.example': 'b' },
      data: 'e30=',
      artifactType: 'application/vnd.example+json',
      platform: { os: 'linux', architecture: 'amd64', features: ['sse4'] },
      'com.example.own': [{ deep: true }],
    })
    expect(problems(full)).to.deep.equal([])
    expect(problems(descriptor())).to.deep.equal([])
  })

  for (const [what, value] of [
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['a text', DIGEST],
    ['a number', 1],
  ] as const)
    it(`are not ${what}`, () => {
      expect(problems(value)).to.have.lengthOf(1)
      expect(problems(value)[0]).to.include({ where: 'config', expected: 'a descriptor' })
    })

  it('tell everything that is wrong at once, with where, expected and found', () => {
    const found = problems({
      mediaType: 'x',
      digest: 'sha256:abc',
      size: '1',
      urls: ['no', 2],
      annotations: { a: 1, b: null },
      platform: {},
      data: 1,
      artifactType: '',
    })
    expect(found.map((problem) => problem.where)).to.deep.equal([
      'config.mediaType',
      'config.digest',
      'config.size',
      'config.urls[0]',
      'config.urls[1]',
      'config.annotations.a',
      'config.annotations.b',
      'config.platform.os',
      'config.platform.architecture',
      'config.data',
      'config.artifactType',
    ])
    for (const problem of found) expect(problem.expected).to.be.a('string').that.is.not.empty
    expect(found.map((problem) => problem.found)).to.include.members([
      '"x"',
      '"sha256:abc"',
      '"1"',
      'nothing',
    ])
  })

  it('have a list of URLs', () => {
    for (const urls of ['https://example.com/', {}, 1])
      expect(places(descriptor({ urls }))).to.deep.equal(['config.urls'])
  })

  for (const size of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER])
    it(`may have a size of ${size}`, () => {
      expect(places(descriptor({ size }))).to.deep.equal([])
    })

  for (const size of [-1, 0.5, 2 ** 53, 1e300, Number.POSITIVE_INFINITY, '148', null, undefined, true, [1]])
    it(`have no size of ${JSON.stringify(size)}`, () => {
      expect(places(descriptor({ size }))).to.deep.equal(['config.size'])
    })

  for (const [name, other] of [
    ['digest', 'Digest'],
    ['size', 'SIZE'],
    ['size', '\u017fize'],
    ['urls', 'URLs'],
    ['mediaType', 'mediatype'],
    ['platform', 'Platform'],
  ] as const)
    it(`do not spell ${name} as ${other}, which Go takes for it`, () => {
      expect(problems(descriptor({ [other]: 1 }))).to.deep.equal([
        { where: 'config', expected: `the spelling "${name}"`, found: JSON.stringify(other) },
      ])
    })

  it('are listed once a digest, the first of each, in their order', () => {
    const one = descriptor() as unknown as Descriptor
    const other = { ...one, digest: OTHER_DIGEST }
    const again = { ...one, mediaType: 'a/b' }
    expect(distinct([other, one, again, other])).to.deep.equal([other, one])
    expect(distinct(new Set<Descriptor>())).to.deep.equal([])
  })
})

describe('annotations', () => {
  const found = (value: unknown) => {
    const findings = new Findings('index')
    checkAnnotations(value, 'annotations', findings)
    return findings.problems.map((problem) => problem.where)
  }

  it('are texts, by keys of any kind', () => {
    expect(found({ '': '', a: 'b', A: 'c', '\n': '\0' })).to.deep.equal([])
    expect(found(JSON.parse('{"__proto__":"a","constructor":"b"}'))).to.deep.equal([])
  })

  it('are nothing else', () => {
    expect(found(JSON.parse('{"__proto__":1,"b":["c"],"d":{}}'))).to.deep.equal([
      'annotations.__proto__',
      'annotations.b',
      'annotations.d',
    ])
    for (const value of [[], 'a', 1, null]) expect(found(value)).to.deep.equal(['annotations'])
  })
})
