import { expect } from 'chai'
import type { CatalogSource, Entry, ListOptions, SourceAnswer } from '../../../catalog/entry.js'
import { Catalog, type FindOptions, type PickOptions } from '../../../catalog/requests/catalog.js'
import { ContainerImageError, parsePlatform } from '../../../manifests/index.js'
import { entry, inShort } from '../entries.js'
import { Lists, unreachable } from '../ports.js'

const HOST = parsePlatform('linux/amd64')

/** A source in memory; its entries get its name. */
class Fixed implements CatalogSource {
  readonly asked: { patterns: string[]; offline?: boolean }[] = []
  readonly isDefault?: boolean
  readonly hasOwnNames?: boolean
  private readonly content: Entry[]

  constructor(
    readonly name: string,
    texts: (string | Entry)[],
    private readonly more: {
      notes?: string[]
      failure?: Error
      isDefault?: boolean
      hasOwnNames?: boolean
    } = {},
  ) {
    if (more.isDefault) this.isDefault = true
    if (more.hasOwnNames) this.hasOwnNames = true
    this.content = texts.map((text) => ({ ...(typeof text === 'string' ? entry(text) : text), source: name }))
  }

  async entries(patterns: string[], options: ListOptions): Promise<SourceAnswer> {
    this.asked.push({ patterns, ...(options.offline ? { offline: true } : {}) })
    if (this.more.failure) throw this.more.failure
    return { entries: this.content, notes: this.more.notes ?? [] }
  }

  async names(): Promise<string[]> {
    if (this.more.failure) throw this.more.failure
    return this.content.map((e) => e.name)
  }
}

async function failure(work: Promise<unknown>): Promise<ContainerImageError> {
  try {
    await work
  } catch (error) {
    if (error instanceof ContainerImageError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const find = (sources: CatalogSource[], request: FindOptions = {}) => new Catalog(sources).find(request)
const pick = (sources: CatalogSource[], name: string, more: Partial<PickOptions> = {}) =>
  new Catalog(sources).pick(name, { host: HOST, ...more })

describe('finding in all sources', () => {
  const corp = new Fixed('corp', ['debian 12.5', 'debian 12.4', 'web 1.0'], {
    notes: ['corp is slow today.'],
  })
  const stick = new Fixed('stick', ['debian 12.1', 'NanoServer 10.0.14300.1010'])

  it('gives what each has, and their notes', async () => {
    const { entries, notes } = await find([corp, stick])
    expect(inShort(entries)).to.deep.equal([
      'debian 12.5 @corp',
      'debian 12.1 @stick',
      'NanoServer 10.0.14300.1010 @stick',
      'web 1.0 @corp',
    ])
    expect(notes).to.deep.equal(['corp is slow today.'])
  })

  it('asks one source where it is named, whatever its case', async () => {
    const { entries } = await find([corp, stick], { names: ['debian'], source: 'STICK' })
    expect(inShort(entries)).to.deep.equal(['debian 12.1 @stick'])
  })

  it('refuses a source that is not there', async () => {
    const error = await failure(find([corp, stick], { source: 'usb' }))
    expect(error.code).to.equal('SOURCE_UNKNOWN')
    expect(error.expected).to.equal('corp, stick')
  })

  it('notes a source that fails where another answers', async () => {
    const broken = new Fixed('broken', [], { failure: unreachable('registry.example.com') })
    const { entries, notes } = await find([broken, stick], { names: ['debian'] })
    expect(inShort(entries)).to.deep.equal(['debian 12.1 @stick'])
    expect(notes).to.deep.equal(['Source broken is missing here: registry.example.com cannot be reached.'])
  })

  it('fails where that source was named, or no other answers', async () => {
    const broken = new Fixed('broken', [], { failure: unreachable('registry.example.com') })
    expect((await failure(find([broken, stick], { source: 'broken' }))).code).to.equal('NETWORK_UNREACHABLE')
    expect((await failure(find([broken], {}))).code).to.equal('NETWORK_UNREACHABLE')
  })

  it('gives an empty list for a pattern, and an error for a name, that fits nothing', async () => {
    expect((await find([corp, stick], { names: ['no*'] })).entries).to.deep.equal([])
    const error = await failure(find([corp, stick], { names: ['debain'] }))
    expect(error.code).to.equal('NO_MATCH')
    expect(error.message).to.contain("package name 'debain'")
    expect(error.remedy).to.equal('Did you mean debian?')
  })

  it('says in the error which source could not be asked', async () => {
    const broken = new Fixed('broken', [], { failure: unreachable('registry.example.com') })
    const error = await failure(find([broken, stick], { names: ['web'] }))
    expect(error.code).to.equal('NO_MATCH')
    expect(error.message).to.contain('Source broken is missing here')
  })

  it('notes one of several names that fits nothing', async () => {
    const { entries, notes } = await find([stick], { names: ['debian', 'NanoSrver'] })
    expect(entries).to.have.length(1)
    expect(notes.join()).to.contain("package name 'NanoSrver'")
  })

  it('notes names that a pattern finds but that have only tags', async () => {
    const tags = new Fixed('tags', ['tumbleweed latest', 'debian 12.5', 'debian bookworm'])
    const { entries, notes } = await find([tags])
    expect(inShort(entries)).to.deep.equal(['debian 12.5 @tags'])
    expect(notes).to.deep.equal(['Only tags that are not versions: tumbleweed. See them with `allVersions`.'])
    expect((await find([tags], { allVersions: true })).notes).to.deep.equal([])
  })

  it('takes what a source holds for another machine alone, and no other unasked', async () => {
    const texts = [
      'redis 7.0 linux/s390x',
      'redis 7.1 linux/s390x',
      'web 1.0 linux/s390x',
      'web 1.0 linux/arm64',
    ]
    const holder = new Fixed('stick', texts, { hasOwnNames: true })
    expect(inShort((await pick([holder], 'redis')).entries)).to.deep.equal(['redis 7.1 @stick'])
    expect((await failure(pick([holder], 'web'))).code).to.equal('PLATFORM_NOT_FOUND')
    const platform = parsePlatform('linux/amd64')
    expect((await failure(pick([holder], 'redis', { platform }))).code).to.equal('PLATFORM_NOT_FOUND')
    expect((await failure(pick([new Fixed('list', texts)], 'redis'))).code).to.equal('PLATFORM_NOT_FOUND')
  })

  it('hides no name that a source holds for having no version, and picks its tag where that is the only one', async () => {
    const holder = new Fixed('stick', ['redis 7', 'web a', 'web b', 'debian 12.5', 'debian trixie'], {
      hasOwnNames: true,
    })
    const { entries, notes } = await find([holder])
    expect(inShort(entries)).to.deep.equal([
      'debian 12.5 @stick',
      'redis 7 @stick',
      'web a @stick',
      'web b @stick',
    ])
    expect(notes).to.deep.equal([])
    expect(inShort((await pick([holder], 'redis')).entries)).to.deep.equal(['redis 7 @stick'])
    expect((await failure(pick([holder], 'web'))).code).to.equal('NO_MATCH')
    expect(inShort((await pick([holder], 'debian')).entries)).to.deep.equal(['debian 12.5 @stick'])
    const bounded = find([holder], { names: ['redis'], maximumVersion: '9.0' })
    expect((await failure(bounded)).code).to.equal('NO_MATCH')
  })

  it('checks the version parameters before it asks anyone', async () => {
    const untouched = new Fixed('x', [])
    const error = await failure(find([untouched], { allVersions: true, requiredVersion: '1.0' }))
    expect(error.code).to.equal('VERSION_PARAMETERS')
    expect((await failure(find([untouched], { minimumVersion: '1.0' }))).message).to.contain(
      'Name is required',
    )
    expect(untouched.asked).to.deep.equal([])
  })

  it('stops when it is told to', async () => {
    const error = await failure(find([stick], { signal: AbortSignal.abort() }))
    expect(error.code).to.equal('INTERRUPTED')
  })
})

describe('full references', () => {
  it('need no source', async () => {
    const { entries } = await find([], { names: ['mcr.microsoft.com/windows/nanoserver:ltsc2022'] })
    expect(inShort(entries)).to.deep.equal([
      'mcr.microsoft.com/windows/nanoserver ltsc2022 @mcr.microsoft.com',
    ])
    const picked = await pick([], 'localhost:5000/debian:12.5')
    expect(inShort(picked.entries)).to.deep.equal(['localhost:5000/debian 12.5 @localhost:5000'])
  })

  it('without a tag mean the newest of the repository, where it can be asked', async () => {
    const lister = new Lists({ 'windows/nanoserver': ['10.0.9.1', '10.0.10.1', 'ltsc2022'] })
    const catalog = new Catalog([], { lister })
    const text = 'mcr.microsoft.com/windows/nanoserver'
    const versions = async (more: FindOptions) =>
      (await catalog.find({ names: [text], ...more })).entries.map((e) => e.version)
    expect(await versions({})).to.deep.equal(['10.0.10.1'])
    expect(await versions({ requiredVersion: 'ltsc2022' })).to.deep.equal(['ltsc2022'])
    expect(
      (await catalog.pick(text, { host: HOST, requiredVersion: '10.0.9.*' })).entries[0]?.version,
    ).to.equal('10.0.9.1')
    expect((await failure(catalog.find({ names: [text], requiredVersion: '9.0' }))).code).to.equal('NO_MATCH')
    expect((await failure(catalog.pick('mcr.microsoft.com/nosuch', { host: HOST }))).code).to.equal(
      'NO_MATCH',
    )
  })

  it('without a tag mean latest, or the required version, where it cannot', async () => {
    const of = async (more: FindOptions) =>
      (await find([], { names: ['docker.io/library/debian'], ...more })).entries.map((e) => e.version)
    expect(await of({})).to.deep.equal(['latest'])
    expect(await of({ requiredVersion: '12.5' })).to.deep.equal(['12.5'])
  })

  it('with a tag refuse version parameters', async () => {
    const error = await failure(pick([], 'docker.io/library/debian:12', { requiredVersion: '11.0' }))
    expect(error.code).to.equal('VERSION_PARAMETERS')
  })

  describe('where one source that has images itself is asked', () => {
    const lister = new Lists({})
    const digest = `sha256:${'a'.repeat(64)}` as const
    const stick = () =>
      new Fixed(
        'stick',
        [
          'quay.io/opstree/redis 7.0',
          'quay.io/opstree/redis 8.0',
          'redis 7.0',
          { ...entry('debian 12.5'), digest },
        ],
        {
          hasOwnNames: true,
        },
      )
    const asked = async (name: string, more: Partial<PickOptions> = {}) => {
      const catalog = new Catalog([stick(), new Fixed('other', ['quay.io/opstree/redis 9'])], { lister })
      const request = { source: 'stick', ...more }
      const picked = await catalog.pick(name, { host: HOST, ...request })
      expect(inShort((await catalog.find({ names: [name], ...request })).entries)).to.deep.equal(
        inShort(picked.entries),
      )
      return inShort(picked.entries)
    }

    it('are names of its images, with their tag or digest', async () => {
      expect(await asked('quay.io/opstree/redis:7.0')).to.deep.equal(['quay.io/opstree/redis 7.0 @stick'])
      expect(await asked('quay.io/opstree/redis')).to.deep.equal(['quay.io/opstree/redis 8.0 @stick'])
      expect(await asked('quay.io/opstree/redis', { requiredVersion: '7.0' })).to.deep.equal([
        'quay.io/opstree/redis 7.0 @stick',
      ])
      expect(await asked('docker.io/library/redis:7.0')).to.deep.equal(['redis 7.0 @stick'])
      expect(await asked(`docker.io/library/debian@${digest}`)).to.deep.equal(['debian 12.5 @stick'])
    })

    it('are not asked for anywhere else', async () => {
      for (const name of [
        'quay.io/opstree/redis:9',
        'ghcr.io/opstree/redis:7.0',
        `docker.io/library/debian@sha256:${'b'.repeat(64)}`,
      ])
        expect((await failure(asked(name))).code, name).to.equal('NO_MATCH')
      const two = await failure(asked('quay.io/opstree/redis:7.0', { requiredVersion: '8.0' }))
      expect(two.code).to.equal('VERSION_PARAMETERS')
    })
  })

  it('stand beside names', async () => {
    const stick = new Fixed('stick', ['debian 12.1'])
    const { entries } = await find([stick], { names: ['docker.io/library/busybox:1.36.1', 'debian'] })
    expect(inShort(entries)).to.deep.equal(['busybox 1.36.1 @docker.io', 'debian 12.1 @stick'])
    expect(stick.asked).to.deep.equal([{ patterns: ['debian'] }])
  })
})

describe('picking from all sources', () => {
  const shipped = (...texts: string[]) =>
    new Fixed('embedded', texts, { isDefault: true, notes: ['No network: x.'] })

  it('takes a registered source before the catalog that ships, which it then asks for nothing over the network', async () => {
    const embedded = shipped('debian 13.0')
    const { entries, notes } = await pick([embedded, new Fixed('stick', ['debian 12.1'])], 'debian')
    expect(inShort(entries)).to.deep.equal(['debian 12.1 @stick'])
    expect(notes).to.deep.equal(['debian is taken from source stick; embedded offers it too.'])
    expect(embedded.asked).to.deep.equal([{ patterns: ['debian'], offline: true }])
  })

  it('asks the catalog that ships in full where no other source has the image', async () => {
    const embedded = shipped('debian 13.0', 'debian 12.1')
    const { entries, notes } = await pick([embedded, new Fixed('stick', ['debian 12.1'])], 'debian', {
      requiredVersion: '13.0',
    })
    expect(inShort(entries)).to.deep.equal(['debian 13.0 @embedded'])
    expect(notes).to.deep.equal(['No network: x.'])
    expect(embedded.asked).to.deep.equal([{ patterns: ['debian'] }])
  })

  it('says so where a registered source could not be asked before it', async () => {
    const broken = new Fixed('corp', [], { failure: unreachable('corp') })
    const { notes } = await pick([broken, shipped('debian 13.0')], 'debian')
    expect(notes).to.include('Source corp is missing here: corp cannot be reached.')
  })

  it('fails as the registered source did where the catalog that ships has nothing', async () => {
    const broken = new Fixed('corp', [], { failure: unreachable('corp') })
    expect((await failure(pick([broken, shipped('debian 13.0')], 'web'))).code).to.equal(
      'NETWORK_UNREACHABLE',
    )
    expect(
      (await failure(pick([broken, shipped('debian 13.0')], 'debian', { source: 'corp' }))).code,
    ).to.equal('NETWORK_UNREACHABLE')
  })

  it('never chooses between two registered sources', async () => {
    const error = await failure(
      pick([new Fixed('a', ['debian 12.1']), new Fixed('b', ['debian 12.2'])], 'debian'),
    )
    expect(error.code).to.equal('AMBIGUOUS_NAME')
    expect(
      inShort(
        (
          await pick([new Fixed('a', ['debian 12.1']), new Fixed('b', ['debian 12.2'])], 'debian', {
            source: 'a',
          })
        ).entries,
      ),
    ).to.deep.equal(['debian 12.1 @a'])
  })

  it('suggests a name near to a misspelt one', async () => {
    const error = await failure(pick([new Fixed('stick', ['NanoServer 1.0'])], 'nanosrver'))
    expect(error.remedy).to.equal('Did you mean NanoServer?')
  })

  it('refuses wildcards before it asks anyone', async () => {
    const untouched = new Fixed('x', [])
    expect((await failure(pick([untouched], 'deb*'))).code).to.equal('WILDCARD_REFUSED')
    expect(untouched.asked).to.deep.equal([])
  })
})
