import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor, type Platform } from '../../../manifests/index.js'
import { get, install, save } from '../../../provider/index.js'
import { addIndex, makeLayout, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const arm = (variant: string): Platform => ({ os: 'linux', architecture: 'arm', variant })
const AMD64: Platform = { os: 'linux', architecture: 'amd64' }

/** Many builders leave the variant out of the config; the index says it. */
describe('an index whose images do not say their variant', () => {
  const temporary = scratch()
  let folder: string
  let layout: string
  let digests: Map<string, string>

  beforeEach(() => {
    folder = temporary.folder()
    layout = path.join(folder, 'layout')
    const platforms = [arm('v5'), arm('v7'), arm('v6'), AMD64]
    const entries = makeLayout(
      layout,
      platforms.map(({ os, architecture, variant = '' }) => ({
        config: { os, architecture },
        layers: [{ files: { variant: `${architecture} ${variant}` } }],
      })),
    ).map((entry, i): Descriptor => ({ ...entry, platform: platforms[i] as Platform }))
    digests = new Map(entries.map(({ digest, platform }) => [platform?.variant ?? 'amd64', digest]))
    const root = addIndex(layout, entries)
    writeIndex(layout, [{ ...root, annotations: { [ANNOTATIONS.refName]: 'app:1.0' } }])
  })
  afterEach(() => temporary.remove())

  const installed = async (platform: string | string[], from = layout) =>
    (await install({ targets: [from], platform, store: path.join(folder, 'store'), noLatest: true })).images

  for (const [wanted, variant] of [
    ['linux/arm/v5', 'v5'],
    ['linux/arm/v6', 'v6'],
    ['linux/arm/v7', 'v7'],
    ['linux/arm', 'v7'],
    ['linux/arm/v8', 'v7'],
    ['linux/amd64/v3', 'amd64'],
  ] as const)
    it(`has ${variant} for ${wanted}`, async () => {
      const [image, ...others] = await installed(wanted)
      expect(others).to.deep.equal([])
      expect(image?.digest).to.equal(digests.get(variant))
      expect(image?.platform).to.equal(variant === 'amd64' ? 'linux/amd64' : `linux/arm/${variant}`)
    })

  it('can be taken for several, and one of these out of the file', async () => {
    const file = path.join(folder, 'app.tar')
    await save({ names: [layout], platform: ['linux/arm/v6', 'linux/arm/v7', 'linux/amd64'], path: file })
    const [image] = await installed('linux/arm/v6', file)
    expect(image?.digest).to.equal(digests.get('v6'))
    await installed(['linux/arm/v7'], file)
    const rows = await get({ store: path.join(folder, 'store') })
    expect(new Set(rows.map(({ digest }) => digest)).size).to.equal(2)
  })

  it('is refused for a machine that no config is for, whatever it lists', async () => {
    await failure(installed('linux/arm64'), 'PLATFORM_NOT_FOUND')
    const lying = path.join(folder, 'lying')
    const [entry] = makeLayout(lying, [
      { config: { os: 'linux', architecture: 'arm' }, layers: [{ files: { a: 'a' } }] },
    ])
    const root = addIndex(lying, [{ ...(entry as Descriptor), platform: AMD64 }])
    writeIndex(lying, [{ ...root, annotations: { [ANNOTATIONS.refName]: 'app:1.0' } }])
    await failure(installed('linux/amd64', lying), 'PLATFORM_NOT_FOUND')
  })
})
