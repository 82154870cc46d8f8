import { expect } from 'chai'
import {
  checkPlatform,
  Findings,
  formatPlatform,
  type Platform,
  parsePlatform,
  platform,
  sameMachine,
} from '../../manifests/index.js'
import { refusal } from './refusal.js'
import { Seeded } from './seeded.js'

describe('platforms', () => {
  const good: [text: string, expected: Platform, formatted?: string][] = [
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['Linux/AMD64', { os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
    ['linux/x86_64', { os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
    ['linux/amd64/v1', { os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
    ['linux/amd64/v3', { os: 'linux', architecture: 'amd64', variant: 'v3' }],
    ['linux/arm', { os: 'linux', architecture: 'arm' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['linux/arm/7', { os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
    ['linux/armhf', { os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
    ['linux/armel', { os: 'linux', architecture: 'arm', variant: 'v6' }, 'linux/arm/v6'],
    ['linux/armv6l', { os: 'linux', architecture: 'arm', variant: 'v6' }, 'linux/arm/v6'],
    ['linux/arm64/v8', { os: 'linux', architecture: 'arm64' }, 'linux/arm64'],
    ['linux/aarch64', { os: 'linux', architecture: 'arm64' }, 'linux/arm64'],
    ['linux/arm64/v8.2', { os: 'linux', architecture: 'arm64', variant: 'v8.2' }],
    ['linux/i686', { os: 'linux', architecture: '386' }, 'linux/386'],
    ['linux/ppc64el', { os: 'linux', architecture: 'ppc64le' }, 'linux/ppc64le'],
    ['linux/loongarch64', { os: 'linux', architecture: 'loong64' }, 'linux/loong64'],
    ['linux/mipsel', { os: 'linux', architecture: 'mipsle' }, 'linux/mipsle'],
    ['win32/x64', { os: 'windows', architecture: 'amd64' }, 'windows/amd64'],
    ['macos/arm64', { os: 'darwin', architecture: 'arm64' }, 'darwin/arm64'],
    [
      'windows/amd64:10.0.20348.2227',
      { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2227' },
    ],
    ['windows/amd64:10.0.20348', { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348' }],
  ]
  for (const [text, expected, formatted] of good)
    it(`reads ${text}`, () => {
      expect(parsePlatform(text)).to.deep.equal(expected)
      expect(formatPlatform(parsePlatform(text))).to.equal(formatted ?? text)
    })

  for (const bad of [
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux//v7',
    'linux/arm/v7/x',
    'linux/amd64:latest',
    'linux/amd64:10',
    'linux/amd64:1.2.3.4.5',
    'linux/amd64:',
    'linux/amd64\n',
    ' linux/amd64',
    'linux/../etc',
    'lin ux/amd64',
    'linux,linux/amd64',
  ])
    it(`refuses ${JSON.stringify(bad)}`, () => {
      const error = refusal(() => parsePlatform(bad), 'INVALID_PLATFORM')
      expect(error.expected).to.contain('os/architecture')
      expect(error.exitCode).to.equal(2)
    })

  it('takes names that every object has for names', () => {
    for (const name of ['constructor', '__proto__', 'valueof', 'tostring', 'hasOwnProperty'])
      expect(platform(name, name)).to.deep.equal({ os: name.toLowerCase(), architecture: name.toLowerCase() })
    expect(formatPlatform(parsePlatform('linux/constructor'))).to.equal('linux/constructor')
  })

  it('reads what it formats, and formats what it reads', () => {
    const random = new Seeded(2)
    for (let i = 0; i < 2000; i++) {
      const made = platform(
        random.oneOf(['linux', 'windows', 'win32', 'darwin', 'FreeBSD', random.text('abcxyz09', 1, 8)]),
        random.oneOf(['amd64', 'x64', 'arm', 'armhf', 'aarch64', 'riscv64', random.text('abc64_-', 1, 8)]),
        random.perhaps(() => random.oneOf(['v1', 'v6', 'v7', 'v8', '8', 'v8.1', random.text('v123.', 1, 4)])),
        random.perhaps(() => `10.0.${random.below(30000)}.${random.below(9999)}`),
      )
      const text = formatPlatform(made)
      expect(parsePlatform(text), text).to.deep.equal(made)
      expect(formatPlatform(parsePlatform(text))).to.equal(text)
      expect(sameMachine(made, parsePlatform(text))).to.equal(true)
    }
  })

  it('says unknown for what an image does not say', () => {
    expect(formatPlatform(platform('', ''))).to.equal('unknown/unknown')
  })

  it('are the same machine under every name of it, whatever the build of Windows', () => {
    const same: [string, string][] = [
      ['linux/amd64', 'linux/x86_64'],
      ['linux/amd64/v1', 'linux/amd64'],
      ['linux/arm', 'linux/armhf'],
      ['linux/arm64', 'linux/aarch64/v8'],
      ['windows/amd64:10.0.17763.1', 'win32/x64:10.0.20348.2'],
    ]
    for (const [a, b] of same) {
      expect(sameMachine(parsePlatform(a), parsePlatform(b)), `${a} ${b}`).to.equal(true)
      expect(sameMachine(parsePlatform(b), parsePlatform(a)), `${b} ${a}`).to.equal(true)
    }
    const others = ['linux/amd64/v2', 'linux/arm/v6', 'linux/arm64', 'linux/386', 'windows/amd64']
    for (const other of others)
      for (const base of ['linux/amd64', 'linux/arm'])
        expect(sameMachine(parsePlatform(base), parsePlatform(other)), `${base} ${other}`).to.equal(false)
  })

  it('in a document may say more than is known, and are all told what is wrong', () => {
    const found = (value: unknown) => {
      const findings = new Findings('index')
      checkPlatform(value, 'platform', findings)
      return findings.problems.map((problem) => problem.where)
    }
    expect(found({ os: 'linux', architecture: 'arm', variant: '', features: ['sse4'] })).to.deep.equal([])
    expect(found({ os: '', architecture: '', 'os.version': 'any text', 'os.features': [] })).to.deep.equal([])
    expect(found({ os: 1, variant: {}, 'os.version': [], 'os.features': ['win32k', 2] })).to.deep.equal([
      'platform.os',
      'platform.architecture',
      'platform.variant',
      'platform.os.version',
      'platform.os.features',
    ])
    expect(found({ os: 'linux', architecture: 'amd64', Architecture: 'arm64' })).to.deep.equal(['platform'])
    expect(found('linux/amd64')).to.deep.equal(['platform'])
    expect(found(null)).to.deep.equal(['platform'])
  })
})
