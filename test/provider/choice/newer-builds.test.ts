import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { parsePlatform } from '../../../manifests/index.js'
import { isNewerThan } from '../../../provider/choice/newer-builds.js'
import { find, install, save } from '../../../provider/index.js'
import type { OnProgress } from '../../../provider/io/progress.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'
import { onWindows } from '../../windows.js'
import { type RunningServer, startServing } from '../serve/serving.js'
import { failure } from '../verbs/failure.js'

const OLD = '10.0.17763.6293'
const MIDDLE = '10.0.20348.2700'
const NEW = '10.0.26100.1742'

describe('images for a newer Windows than that of this machine', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  const registries: RunningServer[] = []
  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry.stop()
  })

  /** The reference of an index of one image a build in a registry, as `ltsc2022` and the like are. */
  async function listOf(...builds: string[]): Promise<string> {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(
      layout,
      builds.map((build) => ({
        platform: parsePlatform(`windows/amd64:${build}`),
        layers: [{ files: { [`Files/${build}`]: build } }],
      })),
    )
    const store = path.join(folder, 'store')
    await install({ targets: [layout], store, name: 'nano', version: '1' })
    const registry = await startServing({ store })
    registries.push(registry)
    return `${new URL(registry.url).host}/nano:1`
  }

  /** Runs a step on a Windows of a build. */
  async function on<T>(build: string, step: () => Promise<T>): Promise<T> {
    const { release } = os
    const arch = Object.getOwnPropertyDescriptor(process, 'arch') as PropertyDescriptor
    os.release = () => build
    Object.defineProperty(process, 'arch', { ...arch, value: 'x64' })
    syncBuiltinESMExports()
    try {
      return await onWindows({}, step)
    } finally {
      os.release = release
      Object.defineProperty(process, 'arch', arch)
      syncBuiltinESMExports()
    }
  }

  function noting(notes: string[]): { onProgress: OnProgress } {
    return { onProgress: (event) => event.type === 'note' && notes.push(event.message) }
  }

  async function saved(build: string, reference: string, platform?: string) {
    const notes: string[] = []
    const file = path.join(temporary.folder(), 'x.tar')
    const request = { names: [reference], path: file, platform, ...noting(notes) }
    const { images } = await on(build, () => save(request))
    return { builds: images.map((image) => image.platform), notes: notes.join('\n'), file }
  }

  it('are saved to be carried, where there is no other, and said to be so', async () => {
    const { builds, notes } = await saved('10.0.17763', await listOf(MIDDLE))
    expect(builds).to.deep.equal([`windows/amd64:${MIDDLE}`])
    expect(notes).to.include(
      ` is for Windows ${MIDDLE} and newer; this machine has 10.0.17763 and cannot run it.`,
    )
    const all = await listOf(MIDDLE, NEW, OLD)
    expect((await saved('10.0.14393', all)).builds).to.deep.equal([`windows/amd64:${NEW}`])
    const named = await saved('10.0.14393', all, `windows/amd64:${MIDDLE}`)
    expect(named.builds).to.deep.equal([`windows/amd64:${MIDDLE}`])
    expect(named.notes).not.to.include('cannot run it')
  })

  it('are shown as what would be saved', async () => {
    const reference = await listOf(MIDDLE)
    const { images } = await on('10.0.17763', () => find({ names: [reference] }))
    expect(images.map(({ osVersion }) => osVersion)).to.deep.equal([MIDDLE])
  })

  it('are not taken where this machine has its own, as docker chooses', async () => {
    const { builds, notes } = await saved('10.0.17763', await listOf(NEW, OLD, MIDDLE))
    expect(builds).to.deep.equal([`windows/amd64:${OLD}`])
    expect(notes).not.to.include('cannot run it')
  })

  it('are not saved where the machine itself is another one', async () => {
    const error = await failure(
      saved('10.0.17763', await listOf(MIDDLE), 'windows/arm64'),
      'PLATFORM_NOT_FOUND',
    )
    expect(error.message).not.to.include('newer build')
  })

  it('are not installed unasked, and with their platform named only with a word', async () => {
    const store = path.join(temporary.folder(), 'store')
    const request = { targets: [await listOf(MIDDLE, NEW)], store }
    const error = await failure(
      on('10.0.17763', () => install(request)),
      'PLATFORM_NOT_FOUND',
    )
    expect(error.message).to.include('Windows cannot run an image of a newer build than its own')
    expect(error.message).to.include(MIDDLE)
    const notes: string[] = []
    const named = { ...request, platform: `windows/amd64:${MIDDLE}`, ...noting(notes) }
    const { images } = await on('10.0.17763', () => install(named))
    expect(images.map(({ platform }) => platform)).to.deep.equal([`windows/amd64:${MIDDLE}`])
    expect(notes.join('\n')).to.include('cannot run it')
  })

  it('are installed from a file of one image, which is said to be too new', async () => {
    const { file } = await saved('10.0.17763', await listOf(NEW))
    for (const [build, isTooOld] of [
      ['10.0.20348', true],
      ['10.0.26100', false],
      ['10.0.26200', false],
    ] as const) {
      const notes: string[] = []
      const store = path.join(temporary.folder(), 'store')
      await on(build, () => install({ targets: [file], store, ...noting(notes) }))
      expect(notes.join().includes('cannot run it'), build).to.equal(isTooOld)
    }
  })

  it('are those whose build is higher, whatever the revision', () => {
    const cases: [string, string, boolean][] = [
      ['windows/amd64:10.0.17763', `windows/amd64:${OLD}`, false],
      ['windows/amd64:10.0.17763', `windows/amd64:${MIDDLE}`, true],
      ['windows/amd64:10.0.20348.1', `windows/amd64:${MIDDLE}`, false],
      ['windows/amd64:10.0.20348', `windows/arm64:${NEW}`, false],
      ['windows/amd64:10.0.20348', 'windows/amd64', false],
      ['windows/amd64', `windows/amd64:${NEW}`, false],
      ['linux/amd64', `windows/amd64:${NEW}`, false],
      ['windows/amd64:10.0.20348', 'linux/amd64', false],
    ]
    for (const [host, image, expected] of cases)
      expect(isNewerThan(parsePlatform(host), parsePlatform(image)), `${host} ${image}`).to.equal(expected)
  })
})
