import { expect } from 'chai'
import { selectEntries } from '../../catalog/select.js'
import { parsePlatform } from '../../manifests/index.js'
import { entry, inShort } from './entries.js'

const NANO = ['10.0.9999.1', '10.0.14300.1010', '10.0.10586.0', 'ltsc2022'].map((v) =>
  entry(`NanoServer ${v}`),
)
const CORE = ['10.0.10586.0', '10.0.14300.1000'].map((v) => entry(`WindowsServerCore ${v}`))
const ALL = [...NANO, ...CORE]

function versions(selection: Parameters<typeof selectEntries>[1], entries = ALL): string[] {
  return selectEntries(entries, selection).map((e) => e.version)
}

describe('selection', () => {
  it('means the newest version of each name where no version is given', () => {
    expect(inShort(selectEntries(ALL, {}))).to.deep.equal([
      'NanoServer 10.0.14300.1010 @stick',
      'WindowsServerCore 10.0.14300.1000 @stick',
    ])
  })

  it('finds names without regard to case, by pattern and by list', () => {
    expect(versions({ names: ['nanoserver'] })).to.deep.equal(['10.0.14300.1010'])
    expect(versions({ names: ['*core'] })).to.deep.equal(['10.0.14300.1000'])
    expect(versions({ names: ['nano*', 'windowsservercore'] })).to.have.length(2)
    expect(versions({ names: ['nano'] })).to.deep.equal([])
    expect(versions({ names: [' '] })).to.have.length(2)
  })

  it('sorts all versions as numbers, the newest first, and tags after them', () => {
    expect(versions({ names: ['NanoServer'], allVersions: true })).to.deep.equal([
      '10.0.14300.1010',
      '10.0.10586.0',
      '10.0.9999.1',
      'ltsc2022',
    ])
  })

  it('keeps to the minimum and the maximum together', () => {
    const bounds = { names: ['NanoServer'], minimumVersion: '10.0.10000', maximumVersion: '10.0.11000' }
    expect(versions(bounds)).to.deep.equal(['10.0.10586.0'])
    const nothing = { names: ['NanoServer'], minimumVersion: '10.0.14000', maximumVersion: '10.0.14001' }
    expect(versions(nothing), 'a version below the minimum must not pass').to.deep.equal([])
  })

  it('counts the bounds themselves as inside', () => {
    const at = '10.0.10586'
    expect(versions({ names: ['NanoServer'], minimumVersion: at, maximumVersion: at })).to.deep.equal([
      '10.0.10586.0',
    ])
  })

  it('finds a required version by its numbers, however it is written', () => {
    const entries = [entry('X 10.0'), entry('X 10.1')]
    expect(versions({ requiredVersion: '10.0.0.0' }, entries)).to.deep.equal(['10.0'])
    expect(versions({ requiredVersion: '10.2' }, entries)).to.deep.equal([])
  })

  it('finds a required tag exactly', () => {
    expect(versions({ requiredVersion: 'ltsc2022' })).to.deep.equal(['ltsc2022'])
    expect(versions({ requiredVersion: 'LTSC2022' }), 'tags regard case').to.deep.equal([])
  })

  it('takes the same text before the same numbers, and the fuller text as the newest', () => {
    const entries = [entry('alpine 3.20'), entry('alpine 3.20.0'), entry('alpine 3.19')]
    expect(versions({ requiredVersion: '3.20' }, entries)).to.deep.equal(['3.20'])
    expect(versions({ requiredVersion: '3.20.0.0' }, entries)).to.deep.equal(['3.20.0'])
    expect(versions({}, entries)).to.deep.equal(['3.20.0'])
  })

  it('means the newest of those that a version pattern matches', () => {
    const entries = ['10.0.20348.999', '10.0.20348.2227', '10.0.26100.1'].map((v) => entry(`X ${v}`))
    expect(versions({ requiredVersion: '10.0.20348.*' }, entries)).to.deep.equal(['10.0.20348.2227'])
  })

  it('gives every tag that a pattern matches where none is a version', () => {
    const entries = ['bookworm-2', 'bookworm-1', 'trixie-1'].map((v) => entry(`debian ${v}`))
    expect(versions({ requiredVersion: 'bookworm-*' }, entries)).to.deep.equal(['bookworm-1', 'bookworm-2'])
  })

  it('compares tags by the rule of their source', () => {
    const fedora = ['9', '41', '40'].map((v) => entry(`fedora ${v}`, { comparesAs: `${v}.0` }))
    expect(versions({}, [...fedora, entry('fedora rawhide')])).to.deep.equal(['41'])
    const dated = entry('x 2024.1', { comparesAs: '' })
    expect(versions({}, [dated, entry('x 1.0')])).to.deep.equal(['1.0'])
  })

  it('takes as many of the newest as are asked for, also within bounds and of a pattern', () => {
    const debian = ['11.9', '12.1', '12.10', '12.9', '12', 'stable'].map((v) => entry(`debian ${v}`))
    const names = ['debian']
    expect(versions({ names, newest: 2 }, debian)).to.deep.equal(['12.10', '12.9'])
    expect(versions({ names, newest: 2, maximumVersion: '12.9' }, debian)).to.deep.equal(['12.9', '12.1'])
    expect(versions({ names, newest: 5, requiredVersion: '12.1*' }, debian)).to.deep.equal(['12.10', '12.1'])
    const twins = ['3.20', '3.20.0', '3.19'].map((v) => entry(`alpine ${v}`))
    expect(versions({ names: ['alpine'], newest: 2 }, twins)).to.deep.equal(['3.20.0', '3.19'])
  })

  it('never takes an excluded version, be it named by its text, its numbers or a pattern', () => {
    const debian = ['12.1', '12.2', '12.3', '12.3-slim'].map((v) => entry(`debian ${v}`))
    expect(versions({ exclude: ['12.3'] }, debian)).to.deep.equal(['12.2'])
    expect(versions({ exclude: ['12.3.0.0'] }, debian)).to.deep.equal(['12.2'])
    expect(versions({ exclude: ['12.[23]*'], allVersions: true }, debian)).to.deep.equal(['12.1'])
    expect(versions({ exclude: ['*'] }, debian)).to.deep.equal([])
  })

  it('gives each source its own newest, in the order of the sources', () => {
    const corp = entry('NanoServer 10.0.14300.1010', { source: 'corp' })
    const found = inShort(selectEntries([corp, ...NANO], { names: ['NanoServer'] }))
    expect(found).to.deep.equal(['NanoServer 10.0.14300.1010 @corp', 'NanoServer 10.0.14300.1010 @stick'])
  })

  it('keeps every platform of the version, sorted, and leaves others out on request', () => {
    const entries = ['linux/arm64', 'linux/amd64'].map((p) => entry(`debian 12.5 ${p}`))
    const platforms = (more: object) => selectEntries(entries, more).map((e) => e.platform?.architecture)
    expect(platforms({})).to.deep.equal(['amd64', 'arm64'])
    expect(platforms({ platforms: [parsePlatform('linux/arm64')] })).to.deep.equal(['arm64'])
    expect(platforms({ platforms: [parsePlatform('windows/amd64')] })).to.deep.equal([])
    const several = ['windows/amd64', 'linux/amd64', 'linux/arm64'].map(parsePlatform)
    expect(platforms({ platforms: several })).to.deep.equal(['amd64', 'arm64'])
  })

  it('keeps what does not say its platform', () => {
    expect(versions({ platforms: [parsePlatform('linux/arm64')] })).to.have.length(2)
  })

  it('asks the listed platforms of an index', () => {
    const platforms = ['linux/amd64', 'linux/arm/v5'].map(parsePlatform)
    const debian = [entry('debian 12.5', { platforms })]
    expect(versions({ platforms: [parsePlatform('linux/arm/v7')] }, debian)).to.deep.equal(['12.5'])
    expect(versions({ platforms: [parsePlatform('linux/s390x')] }, debian)).to.deep.equal([])
  })

  it('finds an entry of a registry by its repository too', () => {
    const reference = 'docker.io/library/debian:12.5'
    const debian = [entry('debian 12.5', { location: { kind: 'registry', reference } })]
    expect(versions({ names: ['library/debian'] }, debian)).to.deep.equal(['12.5'])
    expect(versions({ names: ['Debian'] }, debian)).to.deep.equal(['12.5'])
  })

  /** Comparing each with each would take hours. */
  it('has an end with the tags of a very large repository', () => {
    const many = Array.from({ length: 300_000 }, (_, i) => entry(`sdk 8.0.${i}`))
    expect(versions({}, many)).to.deep.equal(['8.0.299999'])
  })
})
