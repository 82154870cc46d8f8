import { expect } from 'chai'
import type { Entry } from '../../catalog/entry.js'
import { type PickRequest, pickEntries } from '../../catalog/pick.js'
import { ContainerImageError, parsePlatform } from '../../manifests/index.js'
import { entry, inShort, pinned } from './entries.js'

const HOST = parsePlatform('linux/amd64')

function pick(entries: Entry[], name: string, more: Partial<PickRequest> = {}): string[] {
  return inShort(pickEntries(entries, { name, host: HOST, ...more }).entries)
}

function failure(entries: Entry[], name: string, more: Partial<PickRequest> = {}): ContainerImageError {
  try {
    pick(entries, name, more)
  } catch (error) {
    if (error instanceof ContainerImageError) return error
    throw error
  }
  throw new Error('something was picked')
}

describe('picking one image to save or install', () => {
  it('takes the newest version of the name', () => {
    const entries = [entry('debian 12.5'), entry('debian 12.10'), entry('ubuntu 24.04')]
    expect(pick(entries, 'Debian')).to.deep.equal(['debian 12.10 @stick'])
    expect(pickEntries(entries, { name: 'debian', host: HOST }).entries[0]?.version).to.equal('12.10')
  })

  it('refuses a wildcard in the words of PowerShell', () => {
    const error = failure([entry('debian 12.5')], 'deb*')
    expect(error.code).to.equal('WILDCARD_REFUSED')
  })

  it('says what it looked for and suggests a name near to a misspelt one', () => {
    const error = failure([], 'NanoSrever', { known: ['WindowsServerCore', 'NanoServer', 'debian'] })
    expect(error.code).to.equal('NO_MATCH')
    expect(error.exitCode).to.equal(3)
    expect(error.message).to.equal(
      "No match was found for the specified search criteria and package name 'NanoSrever'.",
    )
    expect(error.remedy).to.equal('Did you mean NanoServer?')
  })

  it('lists tags where a name has no versions', () => {
    const error = failure([entry('tumbleweed latest'), entry('tumbleweed snapshot-1')], 'tumbleweed')
    expect(error.code).to.equal('NO_MATCH')
    expect(error.remedy).to.equal(
      'tumbleweed has only tags that are not versions: latest, snapshot-1. Give one with `requiredVersion`.',
    )
  })

  it('lists the newest versions where the wanted one is missing', () => {
    const entries = ['1.0', '1.2', '1.10'].map((v) => entry(`x ${v}`))
    const error = failure(entries, 'x', { requiredVersion: '2.0' })
    expect(error.code).to.equal('NO_MATCH')
    expect(error.remedy).to.contain('1.10, 1.2, 1.0')
  })

  it('says which sources could not be asked where it found nothing', () => {
    const error = failure([], 'x', { notes: ['Source corp did not answer.'] })
    expect(error.message).to.contain('Source corp did not answer.')
  })

  it('never chooses between different images of two sources', () => {
    const entries = [
      pinned('debian 12.5', 'ours', { source: 'corp' }),
      pinned('debian 12.5', 'theirs', { source: 'stick' }),
    ]
    const error = failure(entries, 'debian')
    expect(error.code).to.equal('AMBIGUOUS_NAME')
    expect(error.exitCode).to.equal(5)
    expect(error.message).to.contain('corp (12.5)').and.contain('stick (12.5)')
    expect(error.remedy).to.contain('`source`')
  })

  it('does not let a newer version in another source take the place of the first', () => {
    const entries = [entry('debian 12.5', { source: 'corp' }), entry('debian 99.0', { source: 'stick' })]
    expect(failure(entries, 'debian').code).to.equal('AMBIGUOUS_NAME')
  })

  it('takes the first source where all have the same image', () => {
    const entries = [
      pinned('debian 12.5', 'same', { source: 'corp' }),
      pinned('debian 12.5', 'same', { source: 'stick' }),
    ]
    expect(pick(entries, 'debian')).to.deep.equal(['debian 12.5 @corp'])
  })

  it('does not take an unpinned image for a pinned one', () => {
    const entries = [
      pinned('debian 12.5', 'a', { source: 'corp' }),
      entry('debian 12.5', { source: 'stick' }),
    ]
    expect(failure(entries, 'debian').code).to.equal('AMBIGUOUS_NAME')
  })

  it('takes a registered source before the catalog that ships, and says so', () => {
    const shipped = entry('NanoServer 10.0.26100.1 windows/amd64', {
      source: 'embedded',
      publisher: 'Microsoft',
    })
    const carried = entry('NanoServer 10.0.14300.1010 windows/amd64', { publisher: 'microsoft' })
    const request = { name: 'NanoServer', host: HOST, defaultSources: ['embedded'] }
    const { entries, notes } = pickEntries([shipped, carried], request)
    expect(inShort(entries)).to.deep.equal(['NanoServer 10.0.14300.1010 @stick'])
    expect(notes).to.deep.equal(['NanoServer is taken from source stick; embedded offers it too.'])
  })

  it('does not where they name different publishers', () => {
    const shipped = entry('NanoServer 10.0.26100.1', { source: 'embedded', publisher: 'Microsoft' })
    const other = entry('NanoServer 10.0.26100.1', { publisher: 'Mallory' })
    const error = failure([shipped, other], 'NanoServer', { defaultSources: ['embedded'] })
    expect(error.code).to.equal('AMBIGUOUS_NAME')
    expect(error.message).to.contain('of Mallory').and.contain('of Microsoft')
  })

  it('takes this machine’s platform, and windows/amd64 for an image of Windows', () => {
    const debian = ['linux/arm64', 'linux/amd64'].map((p) => entry(`debian 12.5 ${p}`))
    const chosen = (entries: Entry[], name: string, host: string) =>
      pickEntries(entries, { name, host: parsePlatform(host) }).entries[0]?.platform?.architecture
    expect(chosen(debian, 'debian', 'linux/arm64')).to.equal('arm64')
    expect(chosen(debian, 'debian', 'linux/amd64')).to.equal('amd64')
    expect(chosen([entry('NanoServer 1.0 windows/amd64')], 'nanoserver', 'linux/arm64')).to.equal('amd64')
    expect(chosen(debian, 'debian', 'windows/amd64:10.0.20348')).to.equal('amd64')
  })

  it('finds the newest version that this machine’s platform has', () => {
    const entries = [entry('debian 13.0 linux/arm64'), entry('debian 12.5 linux/amd64')]
    expect(pick(entries, 'debian')).to.deep.equal(['debian 12.5 @stick'])
  })

  it('lists the platforms where the wanted one is missing', () => {
    const error = failure([entry('debian 12.5 linux/arm64')], 'debian')
    expect(error.code).to.equal('PLATFORM_NOT_FOUND')
    expect(error.details?.platforms).to.deep.equal(['linux/arm64'])
  })

  it('takes the variant that fits best', () => {
    const entries = ['v5', 'v7', 'v6'].map((v) => entry(`debian 12.5 linux/arm/${v}`))
    const [best] = pickEntries(entries, { name: 'debian', host: parsePlatform('linux/arm/v6') }).entries
    expect(best?.platform?.variant).to.equal('v6')
  })

  it('takes every platform on request', () => {
    const entries = ['linux/arm64', 'linux/amd64'].map((p) => entry(`debian 12.5 ${p}`))
    expect(pick(entries, 'debian', { allPlatforms: true })).to.have.length(2)
  })

  it('takes every version on request', () => {
    const entries = ['1.0', '1.2', 'edge'].map((v) => entry(`x ${v}`))
    expect(pick(entries, 'x', { allVersions: true })).to.deep.equal([
      'x 1.2 @stick',
      'x 1.0 @stick',
      'x edge @stick',
    ])
  })

  it('refuses two images that one source has under the same name and version', () => {
    const at = (path: string) => ({ location: { kind: 'path' as const, path } })
    const entries = [pinned('x 1.0', 'a', at('/stick/a.tar')), pinned('x 1.0', 'b', at('/stick/b.tar'))]
    const error = failure(entries, 'x')
    expect(error.code).to.equal('AMBIGUOUS_NAME')
    expect(error.details?.places).to.deep.equal(['/stick/a.tar', '/stick/b.tar'])
    expect(
      pick([pinned('x 1.0', 'a', at('/a.tar')), pinned('x 1.0', 'a', at('/b.tar'))], 'x'),
    ).to.have.length(1)
  })

  it('never shows the signature of a URL', () => {
    const at = (url: string) => ({ location: { kind: 'url' as const, url } })
    const entries = [
      entry('x 1.0', at('https://h/a.wim?sig=SECRET')),
      entry('x 1.0', at('https://h/b.wim?sig=SECRET')),
    ]
    const error = failure(entries, 'x')
    expect(JSON.stringify([error.message, error.details]))
      .to.contain('https://h/a.wim')
      .and.not.contain('SECRET')
  })

  it('does not choose among tags that a pattern matches', () => {
    const entries = ['bookworm-2', 'bookworm-1'].map((v) => entry(`debian ${v}`))
    const error = failure(entries, 'debian', { requiredVersion: 'bookworm-*' })
    expect(error.code).to.equal('AMBIGUOUS_NAME')
    expect(error.message).to.contain('bookworm-1, bookworm-2')
    expect(pick(entries, 'debian', { requiredVersion: 'bookworm-1*' })).to.deep.equal([
      'debian bookworm-1 @stick',
    ])
  })
})
