import { expect } from 'chai'
import {
  formatLocalName,
  formatReference,
  isReference,
  isRepository,
  isTag,
  parseLocalName,
  parseReference,
  type Reference,
} from '../../manifests/index.js'
import { DIGEST } from './documents.js'
import { refusal } from './refusal.js'
import { Seeded } from './seeded.js'

describe('references', () => {
  const good: [text: string, expected: Reference][] = [
    ['docker.io/library/debian:12', { registry: 'docker.io', repository: 'library/debian', tag: '12' }],
    [
      'mcr.microsoft.com/windows/nanoserver',
      { registry: 'mcr.microsoft.com', repository: 'windows/nanoserver' },
    ],
    ['localhost/x:1', { registry: 'localhost', repository: 'x', tag: '1' }],
    ['localhost:5000/x', { registry: 'localhost:5000', repository: 'x' }],
    ['127.0.0.1:5000/a/b/c:t', { registry: '127.0.0.1:5000', repository: 'a/b/c', tag: 't' }],
    ['[::1]:5000/x:1', { registry: '[::1]:5000', repository: 'x', tag: '1' }],
    ['[2001:db8::1]/x', { registry: '[2001:db8::1]', repository: 'x' }],
    ['host:1/x', { registry: 'host:1', repository: 'x' }],
    ['a.b/x:_1.-', { registry: 'a.b', repository: 'x', tag: '_1.-' }],
    [`a.b/x:${'t'.repeat(128)}`, { registry: 'a.b', repository: 'x', tag: 't'.repeat(128) }],
    [`a.b/x@${DIGEST}`, { registry: 'a.b', repository: 'x', digest: DIGEST }],
    [`a.b:1/x:1@${DIGEST}`, { registry: 'a.b:1', repository: 'x', tag: '1', digest: DIGEST }],
    ['a.b/foo__bar/foo-----bar/f.o_o', { registry: 'a.b', repository: 'foo__bar/foo-----bar/f.o_o' }],
    [`a.b/${'x'.repeat(255)}`, { registry: 'a.b', repository: 'x'.repeat(255) }],
    ['xn--n3h.com/x', { registry: 'xn--n3h.com', repository: 'x' }],
    ['a.b:65535/x', { registry: 'a.b:65535', repository: 'x' }],
    [`${'a'.repeat(253)}.b/x`, { registry: `${'a'.repeat(253)}.b`, repository: 'x' }],
  ]
  for (const [text, expected] of good)
    it(`reads ${text.slice(0, 60)}`, () => {
      expect(parseReference(text)).to.deep.equal(expected)
      expect(isReference(text)).to.equal(true)
      expect(formatReference(parseReference(text))).to.equal(text)
    })

  it('takes a host in any case, and keeps it in lower case', () => {
    expect(parseReference('Docker.IO/library/debian').registry).to.equal('docker.io')
  })

  for (const bad of [
    '',
    'debian',
    'debian:12',
    'library/debian',
    'Host/x',
    '/x',
    'a.b/',
    'a.b//x',
    'a.b/x/',
    'a.b/X',
    'a.b/x:',
    'a.b/x:-1',
    'a.b/x:.1',
    `a.b/x:${'t'.repeat(129)}`,
    'a.b/x@',
    'a.b/x@sha256:abc',
    `a.b/x@${DIGEST}@${DIGEST}`,
    `a.b/x@${DIGEST}:tag`,
    `a.b/x@md5:${'0'.repeat(32)}`,
    'a.b/x:1:2',
    'a.b/foo___bar',
    'a.b/foo..bar',
    'a.b/foo._bar',
    'a.b/-foo',
    'a.b/foo-',
    'a.b/foo_',
    `a.b/${'x'.repeat(256)}`,
    'a.b/x y',
    'a.b/x\n',
    'a.b\n/x',
    'a.b/ä',
    'a..b/x',
    '.a/x',
    '-a.b/x',
    'a_b.c/x',
    'a.b:/x',
    'a.b:port/x',
    'a.b:65536/x',
    'a.b:123456/x',
    `${'a'.repeat(255)}.b/x`,
    '::1/x',
    '[::1/x',
    '[zz]/x',
    '../x',
    '../../etc/passwd',
    'a.b/../x',
    'https://a.b/x',
    'user:password@a.b/x',
    'user@a.b/x',
  ])
    it(`refuses ${JSON.stringify(bad).slice(0, 60)}`, () => {
      expect(isReference(bad)).to.equal(false)
      const error = refusal(() => parseReference(bad), 'INVALID_REFERENCE')
      expect(error.exitCode).to.equal(2)
      expect(error.expected).to.contain('host[:port]')
    })

  it('reads what it formats', () => {
    const random = new Seeded(3)
    const part = () => {
      const pieces = Array.from({ length: 1 + random.below(3) }, () => random.text('abz019', 1, 4))
      return pieces.reduce((text, piece) => text + random.oneOf(['.', '_', '__', '-', '--']) + piece)
    }
    for (let i = 0; i < 2000; i++) {
      const tag = random.perhaps(() => random.text('aZ0_', 1, 1) + random.text('aZ0_.-', 0, 20))
      const digest = random.perhaps(() => `sha256:${random.text('0123456789abcdef', 64, 64)}`)
      const made: Reference = {
        registry: random.oneOf(['localhost', 'a.b', 'a-1.example:5000', '[::1]', '10.0.0.1:80']),
        repository: Array.from({ length: 1 + random.below(4) }, part).join('/'),
        ...(tag === undefined ? {} : { tag }),
        ...(digest === undefined ? {} : { digest }),
      }
      expect(parseReference(formatReference(made))).to.deep.equal(made)
    }
  })

  it('are refused in time that grows with their length only', () => {
    for (const long of [
      'a'.repeat(1e6),
      `${'a-'.repeat(5e5)}.b/x`,
      `a.b/${'a_'.repeat(5e5)}`,
      `a.b/${'-'.repeat(1e6)}`,
    ])
      expect(isReference(long)).to.equal(false)
    expect(isTag('a'.repeat(1e6))).to.equal(false)
    expect(isRepository('a/'.repeat(5e5))).to.equal(false)
  })
})

describe('local names', () => {
  const good: [text: string, repository: string, tag: string][] = [
    ['debian', 'debian', 'latest'],
    ['debian:12', 'debian', '12'],
    ['library/debian:bookworm-20240211', 'library/debian', 'bookworm-20240211'],
    ['localhost/debian:12', 'localhost/debian', '12'],
    ['host:5000/debian', 'host:5000/debian', 'latest'],
    ['host:5000/a/b:1', 'host:5000/a/b', '1'],
    ['docker.io/library/debian:12', 'docker.io/library/debian', '12'],
    ['[::1]:5000/x:1', '[::1]:5000/x', '1'],
    ['a:A', 'a', 'A'],
  ]
  for (const [text, repository, tag] of good)
    it(`reads ${text}`, () => {
      expect(parseLocalName(text)).to.deep.equal({ repository, tag })
      expect(parseLocalName(formatLocalName({ repository, tag }))).to.deep.equal({ repository, tag })
    })

  for (const bad of [
    '',
    ':',
    ':1',
    'debian:',
    'debian:1:2',
    'Debian',
    'library/Debian',
    'LOCALHOST/debian',
    'a//b',
    '/a',
    'a/',
    '../x',
    '../../x:1',
    './x',
    '.../x',
    'a..b/x',
    'host:port/x',
    'host:70000/x',
    '[::1/x',
    '\u001b[31m.b/x',
    'a.b\n/x',
    'x\n',
    'x:\u202e1',
    `x@${DIGEST}`,
    `x:1@${DIGEST}`,
    `sha256:${'0'.repeat(64)}:`,
    'x'.repeat(256),
    `x:${'t'.repeat(129)}`,
  ])
    it(`refuses ${JSON.stringify(bad).slice(0, 60)}`, () => {
      const error = refusal(() => parseLocalName(bad), 'INVALID_REFERENCE')
      expect(error.message).to.match(/^[\x20-\x7e]+$/)
    })
})

describe('the name of an image in a store that cannot be one', () => {
  const remedies: Record<string, string> = {
    'App:2': 'Write it in lower case: app:2.',
    'site/Base': 'Write it in lower case: site/base.',
    'a.b:5000/Base:V1': 'Write it in lower case: a.b:5000/base:V1.',
    'app:-': '"-" cannot be a tag: it takes letters',
    'a b': 'Write it as name:tag, such as site/debian:12.5.',
  }
  for (const [text, expected] of Object.entries(remedies))
    it(`is told how it is written: ${text}`, () => {
      expect(refusal(() => parseLocalName(text), 'INVALID_REFERENCE').remedy).to.contain(expected)
    })
})
