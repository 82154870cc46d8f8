import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { importTar, install, type SaveRequest, save, type WimCompression } from '../../provider/index.js'
import { noise } from '../../scripts/sample-windows.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout, tarOf } from '../fixtures/layout.js'
import { makeWim } from '../fixtures/wim.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

/**
 * What we make of the same input has the same bytes from version to version: what was carried before is told from what
 * is new by that. A change that means to write other bytes puts the digests that this test then finds into the record.
 */
describe('the same input', () => {
  const recorded = JSON.parse(readFileSync('test/same-bytes/digests.json', 'utf8')) as Record<string, unknown>
  const environment = { ...process.env }
  const temporary = scratch()
  let folder: string

  before(() => {
    process.env.SOURCE_DATE_EPOCH = '1700000000'
    folder = temporary.folder()
    makeLayout(at('1.0'), [{ refName: 'base:1.0', layers: layers(0, 1) }])
    makeLayout(at('1.1'), [{ refName: 'base:1.1', layers: layers(0, 2) }])
  })
  after(() => {
    temporary.remove()
    restoreEnvironment(environment)
  })

  const at = (name: string): string => path.join(folder, name)

  /** Layers that are not compressed: what zlib makes differs from Node to Node. */
  function layers(...seeds: number[]) {
    return seeds.map((seed) => ({
      files: { [`usr/lib/${seed}`]: noise(`${seed}`, 700_000), etc: 'a line\n'.repeat(5000) },
      compression: 'none' as const,
    }))
  }

  async function saved(name: string, request: Partial<SaveRequest>): Promise<Record<string, string>> {
    mkdirSync(at(name))
    await save({ names: [at('1.0')], path: at(name), ...request })
    return filesIn(at(name))
  }

  const FORMS: Record<string, Partial<SaveRequest>> = {
    'an archive': { format: 'oci-archive' },
    "docker's archive": { format: 'docker-archive' },
    'a zip': { format: 'zip' },
    'a 7z': { format: '7z' },
    volumes: { volumeSize: 1_300_000 },
    'recovery files': { format: 'oci-archive', recovery: 0.2 },
  }
  const MAKERS: Record<string, () => Promise<unknown>> = {
    ...Object.fromEntries(
      Object.entries(FORMS).map(([title, request]) => [title, () => saved(title, request)]),
    ),
    'a delta of blocks': deltaOfBlocks,
    'a layer that is compressed': compressedLayer,
    'a WIM, as a layer and as WIMs again': windowsImages,
  }
  for (const [title, make] of Object.entries(MAKERS))
    it(`gives the same bytes: ${title}`, async () => {
      expect(await make()).to.deep.equal(recorded[title])
    })

  async function deltaOfBlocks(): Promise<string[]> {
    await saved('base', { format: 'media' })
    const names = [at('1.1')]
    const files = await saved('delta', { names, format: 'media', base: [at('base')], delta: 'blocks' })
    return blobsOf(files)
  }

  async function compressedLayer(): Promise<string> {
    const tarball = at('rootfs.tar')
    const text = Array.from({ length: 60_000 }, (_, i) => `${i % 977} ${i}\n`).join('')
    writeFileSync(tarball, tarOf({ 'usr/bin/a': noise('bin', 300_000), 'usr/share/b': text }))
    const platform = 'linux/amd64'
    const { layer } = await importTar({ path: tarball, name: 'imported:1', store: at('store'), platform })
    return layer.digest
  }

  async function windowsImages(): Promise<Record<string, unknown>> {
    await makeWim(at('made.wim'))
    await install({ targets: [at('made.wim')], store: at('windows') })
    const [names, source] = [['NanoServer'], at('windows')]
    const wim = (wimCompress: WimCompression) =>
      saved(wimCompress, { names, source, format: 'wim', wimCompress })
    return {
      layers: blobsOf(filesIn(at('windows'))),
      none: await wim('none'),
      xpress: await wim('xpress'),
      lzx: await wim('lzx'),
    }
  }
})

function blobsOf(files: Record<string, string>): string[] {
  return Object.keys(files).filter((file) => file.startsWith('blobs/'))
}
