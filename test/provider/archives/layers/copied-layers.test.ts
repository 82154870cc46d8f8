import path from 'node:path'
import { expect } from 'chai'
import { blobPath, type Descriptor } from '../../../../manifests/index.js'
import { folderMembers } from '../../../../provider/archives/members/folder.js'
import { copy } from '../../../../provider/copy/copy.js'
import { planCopy } from '../../../../provider/copy/plan.js'
import type { ImageSink, ImageSource } from '../../../../provider/copy/ports.js'
import { layoutSource } from '../../../../provider/formats/layout/source.js'
import { makeLayout, tarOf } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const BAD = tarOf({ 'etc/a': 'a', '.wh...': '' })

describe('a layer that nobody may apply', () => {
  const folders = scratch()
  after(() => folders.remove())

  interface Tried {
    code: unknown
    written: string[]
    tagged: number
    aborted: unknown
  }

  /** Copies an image with one bad layer to a sink that takes everything. */
  const tried = async (
    compression: 'none' | 'gzip',
    sourceOf: (source: ImageSource) => ImageSource,
    sinkOf: (sink: ImageSink, folder: string) => ImageSink,
  ): Promise<Tried> => {
    const folder = folders.folder()
    const [root] = makeLayout(folder, [{ refName: 'evil:1', layers: [{ files: {}, tar: BAD, compression }] }])
    const source = sourceOf(await layoutSource(folderMembers(folder), 'a layout'))
    const plan = await planCopy(source, [
      {
        root: root as Descriptor,
        names: [],
        annotations: {},
        platform: { os: 'linux', architecture: 'amd64' },
      },
    ])
    const result: Tried = { code: undefined, written: [], tagged: 0, aborted: undefined }
    const takesAll: ImageSink = {
      label: 'a sink',
      has: async () => false,
      async write({ descriptor, open }) {
        for await (const _ of open(0));
        result.written.push(descriptor.digest)
      },
      async tag() {
        result.tagged++
      },
      async abort(error) {
        result.aborted = (error as { code: string }).code
      },
    }
    result.code = await copy(source, plan, sinkOf(takesAll, folder), { task: 'Copying' }).then(
      () => undefined,
      (error) => error.code,
    )
    return result
  }

  const asItIs = <T>(one: T): T => one
  const withoutPlace = (source: ImageSource): ImageSource => ({ ...source, locate: async () => undefined })
  const layerIn = (folder: string, { digest, size }: Descriptor) => {
    return { path: path.join(folder, blobPath(digest)), offset: 0, size }
  }

  for (const compression of ['none', 'gzip'] as const) {
    it(`reaches no sink where it lies in a file: ${compression}`, async () => {
      const { code, written, tagged, aborted } = await tried(compression, asItIs, asItIs)
      expect([code, written, tagged, aborted]).to.deep.equal(['UNSAFE_NAME', [], 0, 'UNSAFE_NAME'])
    })

    it(`is refused behind its last byte where it passes by: ${compression}`, async () => {
      const { code, written, tagged } = await tried(compression, withoutPlace, asItIs)
      expect([code, written.length, tagged]).to.deep.equal(['UNSAFE_NAME', 1, 0])
    })

    it(`is refused where the sink has written it: ${compression}`, async () => {
      const written = (sink: ImageSink, folder: string): ImageSink => ({
        ...sink,
        locateWritten: async (descriptor) => layerIn(folder, descriptor),
      })
      const { code, tagged } = await tried(compression, withoutPlace, written)
      expect([code, tagged]).to.deep.equal(['UNSAFE_NAME', 0])
    })
  }
})
