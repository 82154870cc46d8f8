import { expect } from 'chai'
import { choosePlatform } from '../../catalog/platform-choice.js'
import {
  ContainerImageError,
  type Descriptor,
  digestOf,
  type ImageIndex,
  MEDIA_TYPES,
  type Platform,
  parsePlatform,
} from '../../manifests/index.js'

function image(name: string, platform?: Platform, annotations?: Record<string, string>): Descriptor {
  return {
    mediaType: MEDIA_TYPES.ociManifest,
    digest: digestOf(name),
    size: 1,
    ...(platform ? { platform } : {}),
    ...(annotations ? { annotations } : {}),
  }
}

function indexOf(...images: (string | Descriptor)[]): ImageIndex {
  return {
    schemaVersion: 2,
    manifests: images.map((i) => (typeof i === 'string' ? image(i, parsePlatform(i)) : i)),
  }
}

function chosen(index: ImageIndex, wanted: string, host?: string): string | undefined {
  const digest = choosePlatform(index, parsePlatform(wanted), host ? parsePlatform(host) : undefined).digest
  return NAMES.find((name) => digestOf(name) === digest)
}

const WINDOWS = [
  'windows/amd64:10.0.17763.5576',
  'windows/amd64:10.0.20348.1787',
  'windows/amd64:10.0.20348.2227',
  'windows/amd64:10.0.26100.3476',
]
const NAMES = [
  ...WINDOWS,
  'linux/amd64',
  'linux/amd64/v2',
  'linux/arm64',
  'linux/arm/v5',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/386',
  'linux/arm64/v8',
  'windows/arm64:10.0.26100.1',
  'nothing',
]

describe('platform choice', () => {
  it('chooses by system and architecture', () => {
    const index = indexOf('linux/arm64', 'windows/amd64:10.0.20348.2227', 'linux/amd64')
    expect(chosen(index, 'linux/amd64')).to.equal('linux/amd64')
    expect(chosen(index, 'windows/amd64')).to.equal('windows/amd64:10.0.20348.2227')
  })

  it('gives an arm machine the highest variant that it runs', () => {
    const index = indexOf('linux/arm/v5', 'linux/arm/v7', 'linux/arm/v6')
    expect(chosen(index, 'linux/arm/v7')).to.equal('linux/arm/v7')
    expect(chosen(index, 'linux/arm/v6')).to.equal('linux/arm/v6')
    expect(chosen(index, 'linux/arm')).to.equal('linux/arm/v7')
    expect(chosen(indexOf('linux/arm/v5', 'linux/arm/v6'), 'linux/arm/v7')).to.equal('linux/arm/v6')
    expect(() => chosen(indexOf('linux/arm/v7'), 'linux/arm/v6'))
      .to.throw()
      .with.property('code', 'PLATFORM_NOT_FOUND')
  })

  it('takes arm64 and arm64/v8 for the same', () => {
    expect(chosen(indexOf('linux/arm64'), 'linux/arm64/v8')).to.equal('linux/arm64')
    const written = image('linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' })
    expect(chosen(indexOf(written), 'linux/arm64')).to.equal('linux/arm64/v8')
  })

  it('never gives arm to arm64, 386 to amd64, or a higher level of amd64 unasked', () => {
    expect(() => chosen(indexOf('linux/arm/v7'), 'linux/arm64'))
      .to.throw()
      .with.property('code', 'PLATFORM_NOT_FOUND')
    expect(() => chosen(indexOf('linux/386'), 'linux/amd64'))
      .to.throw()
      .with.property('code', 'PLATFORM_NOT_FOUND')
    expect(chosen(indexOf('linux/amd64/v2', 'linux/amd64'), 'linux/amd64')).to.equal('linux/amd64')
    expect(chosen(indexOf('linux/amd64', 'linux/amd64/v2'), 'linux/amd64/v3')).to.equal('linux/amd64/v2')
  })

  it('takes the newest revision of the same build of Windows first', () => {
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64:10.0.20348.1')).to.equal(
      'windows/amd64:10.0.20348.2227',
    )
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64:10.0.17763')).to.equal('windows/amd64:10.0.17763.5576')
  })

  it('then the newest build of Windows that is not newer', () => {
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64:10.0.22631.4169')).to.equal(
      'windows/amd64:10.0.20348.2227',
    )
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64:10.0.26200.1')).to.equal(
      'windows/amd64:10.0.26100.3476',
    )
  })

  it('without a build takes the newest, but on a Windows host that of the host', () => {
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64')).to.equal('windows/amd64:10.0.26100.3476')
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64', 'linux/amd64')).to.equal(
      'windows/amd64:10.0.26100.3476',
    )
    expect(chosen(indexOf(...WINDOWS), 'windows/amd64', 'windows/amd64:10.0.20348')).to.equal(
      'windows/amd64:10.0.20348.2227',
    )
  })

  it('says that Windows runs no newer build, and lists what there is', () => {
    let caught: unknown
    try {
      chosen(indexOf(...WINDOWS), 'windows/amd64:10.0.14393')
    } catch (error) {
      caught = error
    }
    if (!(caught instanceof ContainerImageError)) throw new Error('nothing was thrown')
    expect(caught.code).to.equal('PLATFORM_NOT_FOUND')
    expect(caught.message).to.contain('newer build')
    expect(caught.details?.platforms).to.deep.equal(WINDOWS)
  })

  it('passes over attestations and other artifacts', () => {
    const index = indexOf(
      image('nothing', { os: 'unknown', architecture: 'unknown' }),
      image(
        'nothing',
        { os: 'linux', architecture: 'amd64' },
        { 'vnd.docker.reference.type': 'attestation-manifest' },
      ),
      { ...image('nothing'), artifactType: 'application/vnd.example.sbom' },
      'linux/amd64',
    )
    expect(chosen(index, 'linux/amd64')).to.equal('linux/amd64')
    expect(() => chosen(index, 'linux/arm64'))
      .to.throw('Platforms that there are: linux/amd64.')
      .with.property('code', 'PLATFORM_NOT_FOUND')
  })

  it('takes a single image that does not say its platform, but never guesses among two', () => {
    expect(chosen(indexOf(image('nothing')), 'linux/amd64')).to.equal('nothing')
    expect(() => chosen(indexOf(image('nothing'), image('linux/386')), 'linux/amd64'))
      .to.throw()
      .with.property('code', 'PLATFORM_NOT_FOUND')
  })

  it('takes the first of two equal platforms, as docker does', () => {
    const index = indexOf(
      image('linux/amd64', parsePlatform('linux/amd64')),
      image('nothing', parsePlatform('linux/amd64')),
    )
    expect(chosen(index, 'linux/amd64')).to.equal('linux/amd64')
  })
})
