import { expect } from 'chai'
import { defaultPlatform, wantedPlatform } from '../../catalog/default-platform.js'
import { formatPlatform, parsePlatform } from '../../manifests/index.js'

describe('the default platform', () => {
  const hosts: [platform: string, arch: string, release: string, expected: string][] = [
    ['linux', 'x64', '6.1.0-18-amd64', 'linux/amd64'],
    ['linux', 'arm64', '6.6.31+rpt-rpi-v8', 'linux/arm64'],
    ['linux', 'ppc64', '5.14.0', 'linux/ppc64le'],
    ['darwin', 'arm64', '23.5.0', 'linux/arm64'],
    ['darwin', 'x64', '22.6.0', 'linux/amd64'],
    ['win32', 'x64', '10.0.20348', 'windows/amd64:10.0.20348'],
    ['freebsd', 'x64', '14.0-RELEASE', 'linux/amd64'],
  ]
  for (const [platform, arch, release, expected] of hosts)
    it(`is ${expected} on ${platform}/${arch} ${release}`, () => {
      expect(formatPlatform(defaultPlatform({ platform, arch, release }))).to.equal(expected)
    })

  it('knows the two kinds of 32-bit arm', () => {
    const pi = { platform: 'linux', arch: 'arm', release: '6.6' }
    expect(formatPlatform(defaultPlatform({ ...pi, armVersion: '6' }))).to.equal('linux/arm/v6')
    expect(formatPlatform(defaultPlatform(pi))).to.equal('linux/arm')
  })

  const wanted: [offered: string[], host: string, expected: string][] = [
    [[], 'linux/arm64', 'linux/arm64'],
    [['linux/amd64', 'linux/arm64'], 'linux/arm64', 'linux/arm64'],
    [['windows/amd64'], 'linux/arm64', 'windows/amd64'],
    [['windows/amd64'], 'windows/amd64:10.0.20348', 'windows/amd64:10.0.20348'],
    [['linux/amd64'], 'windows/amd64:10.0.20348', 'linux/amd64'],
    [['linux/amd64', 'windows/amd64'], 'windows/amd64:10.0.20348', 'windows/amd64:10.0.20348'],
  ]
  for (const [offered, host, expected] of wanted)
    it(`looks for ${expected} on ${host} where ${offered.join(' and ') || 'nothing'} is known to be offered`, () => {
      expect(formatPlatform(wantedPlatform(offered.map(parsePlatform), parsePlatform(host)))).to.equal(
        expected,
      )
    })
})
