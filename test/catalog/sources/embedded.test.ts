import { expect } from 'chai'
import type { TagCache } from '../../../catalog/ports.js'
import { EmbeddedSource, type EmbeddedSourceOptions } from '../../../catalog/sources/embedded.js'
import type { EmbeddedImage } from '../../../catalog/sources/embedded-image.js'
import { ContainerImageError } from '../../../manifests/index.js'
import { Kept, Lists, unreachable } from '../ports.js'

const HOUR = 60 * 60 * 1000

function image(name: string, asOf: string, more: Partial<EmbeddedImage> = {}): EmbeddedImage {
  return {
    name,
    publisher: 'Example',
    summary: `The image ${name}`,
    registry: 'registry.example.com',
    repository: `library/${name}`,
    platforms: ['linux/amd64', 'linux/arm64'],
    documented: [{ tags: ['1.0', 'old'] }],
    asOf,
    documentedBy: ['https://example.com'],
    ...more,
  }
}

const IMAGES = [image('debian', '2026-07-01'), image('ubuntu', '2026-06-01')]
const NANO = image('NanoServer', '2026-07-01', {
  repository: 'windows/nanoserver',
  platforms: ['windows/amd64'],
  tagsAreBuilds: true,
  documented: [{ tags: ['10.0.20348.1', 'ltsc2022'] }],
})

async function answer(options: EmbeddedSourceOptions, ...patterns: string[]) {
  const source = new EmbeddedSource({ images: IMAGES, ...options })
  const { entries, notes } = await source.entries(patterns, {})
  return { shown: entries.map((e) => `${e.name} ${e.version}`), entries, notes }
}

describe('the catalog that ships', () => {
  it('asks the registries, for what is meant only', async () => {
    const lister = new Lists({ 'library/debian': ['12.5', 'bookworm'] })
    const { shown, entries, notes } = await answer({ lister }, 'Debian')
    expect(shown).to.deep.equal(['debian 12.5', 'debian bookworm'])
    expect(notes).to.deep.equal([])
    expect(lister.asked).to.deep.equal(['registry.example.com/library/debian'])
    expect(entries[0]).to.deep.include({
      source: 'embedded',
      publisher: 'Example',
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
      ],
      location: { kind: 'registry', reference: 'registry.example.com/library/debian:12.5' },
    })
  })

  it('says in one line that there is no network, and as of which day its list is', async () => {
    const gone = unreachable('registry.example.com')
    const lister = new Lists({ 'library/debian': gone, 'library/ubuntu': gone })
    const { shown, notes } = await answer({ lister })
    expect(shown).to.deep.equal(['debian 1.0', 'debian old', 'ubuntu 1.0', 'ubuntu old'])
    expect(notes).to.deep.equal(['No network: showing the list as of 2026-06-01.'])
  })

  it('says the same where nothing may be asked', async () => {
    const { notes } = await answer({}, 'debian')
    expect(notes).to.deep.equal(['No network: showing the list as of 2026-07-01.'])
    const lister = new Lists({ 'library/debian': ['12.5'] })
    const source = new EmbeddedSource({ images: IMAGES, lister })
    const offline = await source.entries(['debian'], { offline: true })
    expect(offline.entries.map((e) => e.version)).to.deep.equal(['1.0', 'old'])
    expect(lister.asked).to.deep.equal([])
  })

  it('says nothing where no image is meant', async () => {
    expect(await answer({}, 'nosuch')).to.deep.equal({ shown: [], entries: [], notes: [] })
  })

  it('does not wait for registries that never answer', async () => {
    const lister = new Lists({ 'library/debian': ['12.5'], 'library/ubuntu': 'never' })
    const { shown, notes } = await answer({ lister, patience: { wide: 50, exact: 3_600_000 } }, '*')
    expect(shown).to.deep.equal(['debian 12.5', 'ubuntu 1.0', 'ubuntu old'])
    expect(notes).to.deep.equal([
      'No answer from registry.example.com/library/ubuntu: showing the list as of 2026-06-01.',
    ])
    expect(lister.options.every((options) => options.signal?.aborted)).to.equal(true)
  })

  it('waits for exact names as long as it may for these', async () => {
    const lister = new Lists({ 'library/ubuntu': 'never' })
    const { notes } = await answer({ lister, patience: { wide: 10_000, exact: 50 } }, 'ubuntu')
    expect(notes).to.deep.equal(['No network: showing the list as of 2026-06-01.'])
  })

  it('tries a registry once where it cannot be reached', async () => {
    const many = Array.from({ length: 30 }, (_, i) => image(`i${i}`, '2026-07-01'))
    const gone = unreachable('registry.example.com')
    const lister = new Lists(Object.fromEntries(many.map(({ repository }) => [repository, gone])))
    const { shown } = await answer({ lister, images: many })
    expect(shown).to.have.length(60)
    expect(lister.asked.length).to.be.at.most(8)
  })

  it('lets every request listen to the deadline without a warning of Node on stderr', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    const listening = {
      async tags(_registry: string, _repository: string, { signal }: { signal?: AbortSignal }) {
        for (let i = 0; i < 20; i++) signal?.addEventListener('abort', () => i)
        return ['1.0']
      },
      repositories: async () => undefined,
    }
    await answer({ lister: listening })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(warnings).to.deep.equal([])
  })

  it('says what a registry answered that refuses', async () => {
    const limited = new ContainerImageError('RATE_LIMITED', 'registry.example.com asks to come back later.')
    const lister = new Lists({ 'library/debian': limited, 'library/ubuntu': ['24.04'] })
    const { shown, notes } = await answer({ lister })
    expect(shown).to.deep.equal(['debian 1.0', 'debian old', 'ubuntu 24.04'])
    expect(notes).to.deep.equal([
      'registry.example.com/library/debian: registry.example.com asks to come back later. Showing its list as of 2026-07-01.',
    ])
  })

  it('keeps answers, and uses a fresh one without asking, with its age', async () => {
    const kept = new Kept({ 'registry.example.com/library/debian': { tags: ['12.4'], age: 3 * HOUR } })
    const lister = new Lists({ 'library/ubuntu': ['24.04'] })
    const { shown, notes } = await answer({ lister, cache: kept })
    expect(shown).to.deep.equal(['debian 12.4', 'ubuntu 24.04'])
    expect(notes).to.deep.equal(['Tags of registry.example.com/library/debian: cached, 3 hours old.'])
    expect(lister.asked).to.deep.equal(['registry.example.com/library/ubuntu'])
    expect([...kept.written]).to.deep.equal([['registry.example.com/library/ubuntu', ['24.04']]])
  })

  it('asks again where the answer is old, and uses it where nobody answers', async () => {
    const cache = new Kept({ 'registry.example.com/library/debian': { tags: ['12.4'], age: 48 * HOUR } })
    const fresh = await answer({ lister: new Lists({ 'library/debian': ['12.5'] }), cache }, 'debian')
    expect(fresh).to.deep.include({ shown: ['debian 12.5'], notes: [] })
    const lister = new Lists({ 'library/debian': unreachable('registry.example.com') })
    const old = await answer({ lister, cache }, 'debian')
    expect(old.shown).to.deep.equal(['debian 12.4'])
    expect(old.notes).to.deep.equal(['Tags of registry.example.com/library/debian: cached, 2 days old.'])
  })

  it('puts many cached answers into one line', async () => {
    const many = Array.from({ length: 5 }, (_, i) => image(`i${i}`, '2026-07-01'))
    const cache = new Kept(
      Object.fromEntries(
        many.map(({ repository }, i) => [
          `registry.example.com/${repository}`,
          { tags: ['1.0'], age: i * HOUR },
        ]),
      ),
    )
    const { notes } = await answer({ images: many, cache })
    expect(notes).to.deep.equal(['Tags of 5 repositories: cached, the oldest 4 hours old.'])
  })

  it('goes on without a cache that fails', async () => {
    const broken: TagCache = {
      get: async () => {
        throw new Error('unreadable')
      },
      set: async () => {
        throw new Error('read-only')
      },
    }
    const { shown } = await answer(
      { lister: new Lists({ 'library/debian': ['12.5'] }), cache: broken },
      'debian',
    )
    expect(shown).to.deep.equal(['debian 12.5'])
  })

  it('is the caller’s to stop', async () => {
    const controller = new AbortController()
    const source = new EmbeddedSource({ images: IMAGES, lister: new Lists({ 'library/debian': 'never' }) })
    const work = source.entries(['debian'], { signal: controller.signal })
    controller.abort()
    let caught: unknown
    await work.catch((e) => {
      caught = e
    })
    expect(caught).to.have.property('code', 'INTERRUPTED')
  })

  it('reads the build of Windows from a tag of four parts, and from no other', async () => {
    const { entries } = await answer({ images: [NANO] }, 'nanoserver')
    expect(entries.map((e) => e.platform)).to.deep.equal([
      { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' },
      { os: 'windows', architecture: 'amd64' },
    ])
  })

  it('gives a listed tag the platforms that are documented for it', async () => {
    const debian = image('debian', '2026-07-01', {
      documented: [{ tags: ['12.15'], platforms: ['linux/amd64'] }],
    })
    const { entries } = await answer({
      images: [debian],
      lister: new Lists({ 'library/debian': ['12.15', '13.1'] }),
    })
    expect(entries.map((e) => [e.version, e.platforms?.length ?? e.platform?.architecture])).to.deep.equal([
      ['12.15', 'amd64'],
      ['13.1', 2],
    ])
  })

  it('finds an image by its repository too, and knows its names', async () => {
    expect((await answer({}, 'library/deb*')).shown).to.deep.equal(['debian 1.0', 'debian old'])
    expect(await new EmbeddedSource({ images: IMAGES }).names()).to.deep.equal(['debian', 'ubuntu'])
  })
})
