import { expect } from 'chai'
import { RegistrySource } from '../../../catalog/sources/registry.js'
import { ContainerImageError } from '../../../manifests/index.js'
import { Lists, unreachable } from '../ports.js'

const OPTIONS = { name: 'corp', location: 'https://registry.example.com' }

async function found(source: RegistrySource, ...patterns: string[]) {
  const { entries, notes } = await source.entries(patterns, {})
  return { names: entries.map((e) => `${e.name} ${e.version}`), entries, notes }
}

describe('a registry as a source', () => {
  it('names repositories by their last part, and where that is not unique by the whole', async () => {
    const lists = new Lists({ 'base/debian': ['12.5'], 'a/web': ['1.0'], 'b/web': ['2.0'] }, [
      'base/debian',
      'a/web',
      'b/web',
    ])
    const { names, entries } = await found(new RegistrySource(OPTIONS, lists))
    expect(names).to.deep.equal(['debian 12.5', 'a/web 1.0', 'b/web 2.0'])
    expect(entries[0]?.location).to.deep.equal({
      kind: 'registry',
      reference: 'registry.example.com/base/debian:12.5',
    })
    expect(entries[0]).to.include({ source: 'corp', summary: 'registry.example.com/base/debian' })
  })

  it('asks only for what may match', async () => {
    const lists = new Lists({ 'base/debian': ['12.5'], 'base/ubuntu': ['24.04'] }, [
      'base/debian',
      'base/ubuntu',
    ])
    const { names } = await found(new RegistrySource(OPTIONS, lists), 'deb*')
    expect(names).to.deep.equal(['debian 12.5'])
    expect(lists.asked).to.deep.equal(['_catalog', 'registry.example.com/base/debian'])
  })

  it('finds a repository by its whole path too', async () => {
    const lists = new Lists({ 'base/debian': ['12.5'] }, ['base/debian'])
    expect((await found(new RegistrySource(OPTIONS, lists), 'BASE/debian')).names).to.deep.equal([
      'debian 12.5',
    ])
  })

  it('takes an exact name for a repository where the registry has no list', async () => {
    const lists = new Lists({ 'windows/nanoserver': ['10.0.20348.1'] })
    const { names, notes } = await found(new RegistrySource(OPTIONS, lists), 'Windows/NanoServer')
    expect(names).to.deep.equal(['nanoserver 10.0.20348.1'])
    expect(notes).to.deep.equal([])
  })

  it('and where the list refuses or leaves it out', async () => {
    const refused = new ContainerImageError('UNAUTHORIZED', 'no')
    for (const catalog of [refused, ['other/image']]) {
      const lists = new Lists({ debian: ['12.5'] }, catalog)
      expect((await found(new RegistrySource(OPTIONS, lists), 'debian')).names).to.deep.equal(['debian 12.5'])
    }
  })

  it('says that a search needs a name where the registry has no list', async () => {
    for (const patterns of [[], ['deb*']]) {
      const { names, notes } = await found(
        new RegistrySource(OPTIONS, new Lists({ debian: ['12.5'] })),
        ...patterns,
      )
      expect(names).to.deep.equal([])
      expect(notes).to.deep.equal([
        'Source corp: registry.example.com does not list its repositories; give an exact name.',
      ])
    }
  })

  it('offers only what is below its prefix', async () => {
    const lists = new Lists({ 'team/debian': ['12.5'], 'teams/debian': ['9.9'], debian: ['1.1'] }, [
      'team/debian',
      'teams/debian',
      'debian',
    ])
    const source = new RegistrySource({ ...OPTIONS, location: `${OPTIONS.location}/team/` }, lists)
    expect((await found(source)).names).to.deep.equal(['debian 12.5'])
    const unlisted = new RegistrySource(
      { ...OPTIONS, location: `${OPTIONS.location}/team` },
      new Lists({ 'team/x': ['1.0'] }),
    )
    expect((await found(unlisted, 'x')).names).to.deep.equal(['x 1.0'])
    expect((await found(unlisted, 'team/x')).names).to.deep.equal(['x 1.0'])
  })

  it('knows where Docker Hub keeps its own images', async () => {
    const lists = new Lists({ 'library/debian': ['12.5'] })
    const source = new RegistrySource({ name: 'hub', location: 'https://docker.io' }, lists)
    expect((await found(source, 'debian')).names).to.deep.equal(['debian 12.5'])
  })

  it('gives nothing, and no error, for a name that is not there', async () => {
    expect((await found(new RegistrySource(OPTIONS, new Lists({})), 'debian')).names).to.deep.equal([])
    expect((await found(new RegistrySource(OPTIONS, new Lists({})), 'no repository!')).names).to.deep.equal(
      [],
    )
  })

  it('passes over a repository that is listed but has no tags any more', async () => {
    const { names, notes } = await found(
      new RegistrySource(OPTIONS, new Lists({ a: ['1.0'] }, ['a', 'gone'])),
    )
    expect(names).to.deep.equal(['a 1.0'])
    expect(notes).to.deep.equal([])
  })

  it('leaves out tags of signatures and what is not a tag', async () => {
    const tags = ['12.5', `sha256-${'a'.repeat(64)}.sig`, `sha256-${'a'.repeat(64)}`, 'a b', '../x', '']
    const { names } = await found(new RegistrySource(OPTIONS, new Lists({ debian: tags })), 'debian')
    expect(names).to.deep.equal(['debian 12.5'])
  })

  it('notes a repository that fails, and fails where all do', async () => {
    const broken = new ContainerImageError('REGISTRY_ERROR', 'It answered 500.')
    const lists = new Lists({ a: ['1.0'], b: broken }, ['a', 'b'])
    const { names, notes } = await found(new RegistrySource(OPTIONS, lists))
    expect(names).to.deep.equal(['a 1.0'])
    expect(notes).to.deep.equal(['Source corp: the tags of b are missing here: It answered 500.'])
    let caught: unknown
    await found(new RegistrySource(OPTIONS, new Lists({ a: broken, b: broken }, ['a', 'b']))).catch((e) => {
      caught = e
    })
    expect(caught).to.equal(broken)
  })

  for (const [what, error] of [
    ['shows a page', new ContainerImageError('INVALID_DOCUMENT', 'A page.')],
    ['leads away', new ContainerImageError('REDIRECT_REFUSED', 'No.')],
    ['is asked too often', new ContainerImageError('RATE_LIMITED', 'Later.')],
    ['says nothing', new ContainerImageError('NETWORK_TIMEOUT', 'Late.', { details: { stage: 'waiting' } })],
    [
      'leads to a dead host',
      new ContainerImageError('NETWORK_UNREACHABLE', 'Dead.', {
        details: { stage: 'connecting', host: 'docs.example.com' },
      }),
    ],
  ] as const)
    it(`finds an exact name where the list of repositories ${what}`, async () => {
      const lists = new Lists({ debian: ['12.5'] }, error)
      expect((await found(new RegistrySource(OPTIONS, lists), 'debian')).names).to.deep.equal(['debian 12.5'])
    })

  it('fails where it cannot be reached', async () => {
    const lists = new Lists({}, unreachable('registry.example.com'))
    let caught: unknown
    await found(new RegistrySource(OPTIONS, lists), 'debian').catch((e) => {
      caught = e
    })
    expect(caught).to.have.property('code', 'NETWORK_UNREACHABLE')
  })

  it('asks several repositories at once, and not more than eight', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `r${i}`)
    const lists = new Lists(Object.fromEntries(names.map((name) => [name, ['1.0']])), names)
    expect((await found(new RegistrySource(OPTIONS, lists))).names).to.have.length(20)
    expect(lists.mostUnderWay).to.equal(8)
  })

  it('has a rule for tags, and one for a single repository', async () => {
    const lists = new Lists({ fedora: ['41', 'rawhide'], other: ['41'] }, ['fedora', 'other'])
    const source = new RegistrySource({ ...OPTIONS, tagRules: { fedora: '[0-9]+' } }, lists)
    const { entries } = await found(source)
    expect(entries.map((e) => [e.name, e.version, e.comparesAs])).to.deep.equal([
      ['fedora', '41', '41.0'],
      ['fedora', 'rawhide', ''],
      ['other', '41', undefined],
    ])
  })

  it('refuses plain http to another host, and says so to the lister where it is allowed', async () => {
    const plain = { name: 'corp', location: 'http://registry.example.com' }
    expect(() => new RegistrySource(plain, new Lists({})))
      .to.throw()
      .with.property('code', 'SOURCE_INSECURE')
    const lists = new Lists({ debian: ['12.5'] })
    const { entries } = await found(new RegistrySource({ ...plain, insecure: true }, lists), 'debian')
    expect(lists.options.every((options) => options.insecure)).to.equal(true)
    expect(entries[0]?.location).to.have.property('insecure', true)
  })

  it('keeps to https where its location says so', async () => {
    const lists = new Lists({ debian: ['12.5'] })
    await found(new RegistrySource({ ...OPTIONS, insecure: true }, lists), 'debian')
    expect(lists.options.some((options) => options.insecure)).to.equal(false)
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    controller.abort()
    let caught: unknown
    const source = new RegistrySource(OPTIONS, new Lists({ debian: ['12.5'] }))
    await source.entries(['debian'], { signal: controller.signal }).catch((e) => {
      caught = e
    })
    expect(caught).to.have.property('code', 'INTERRUPTED')
  })

  it('knows its names, to suggest one', async () => {
    expect(await new RegistrySource(OPTIONS, new Lists({}, ['base/debian'])).names({})).to.deep.equal([
      'debian',
    ])
    expect(await new RegistrySource(OPTIONS, new Lists({})).names({})).to.deep.equal([])
  })
})
