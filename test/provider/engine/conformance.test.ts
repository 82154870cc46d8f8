import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { findCtr } from '../../../provider/engine/containerd/ctr.js'
import { ContainerdSink } from '../../../provider/engine/containerd/sink.js'
import type { EngineKind, EngineOptions } from '../../../provider/engine/engine.js'
import { openEngine } from '../../../provider/engine/open-engine.js'
import { install, load } from '../../../provider/index.js'
import type { ImageCollection } from '../../../provider/ports.js'
import type { Sample } from '../../fixtures/sample.js'
import { TestContainerd } from '../../peers/containerd.js'
import { describeWithPeers, peer } from '../../peers/peers.js'
import { TestPodman } from '../../peers/podman.js'
import { conformsAsCollection, conformsAsSink, conformsAsSource, type OpenedSource } from '../conformance.js'

/** Brings the sample into an engine, and opens it there. */
async function opened(
  kind: EngineKind,
  options: EngineOptions,
  folder: string,
  sample: Sample,
): Promise<ImageCollection> {
  const store = path.join(folder, 'store')
  await install({ targets: [sample.folder], store })
  const { address: engineAddress } = options
  await load({ names: ['base'], engine: kind, store, ...(engineAddress ? { engineAddress } : {}) })
  return await (await openEngine(kind, options)).open(['base:1.2.3'])
}

async function asSource(collection: ImageCollection): Promise<OpenedSource> {
  const [image] = await collection.images()
  if (!image) throw new Error('the engine has no image')
  return { source: collection, root: image.root, ...(image.refName ? { name: image.refName } : {}) }
}

describeWithPeers(['containerd', 'ctr'], 'containerd among the backends', function () {
  this.timeout(60_000)
  let containerd: TestContainerd

  before(async () => {
    containerd = await new TestContainerd().start()
  })

  after(() => containerd?.stop())

  const open = (folder: string, sample: Sample) =>
    opened('containerd', { address: containerd.address }, folder, sample)

  conformsAsSource('containerd', async (folder, sample) => await asSource(await open(folder, sample)))
  conformsAsCollection('containerd', open)
  // A namespace for each place: none sees what another has.
  conformsAsSink(
    'containerd',
    (place) => {
      const options = { address: containerd.address, namespace: path.basename(place) }
      return {
        sink: new ContainerdSink(findCtr(options), {}),
        isVisible: () => {
          const before = ['-a', containerd.address, '-n', options.namespace]
          const said = spawnSync(peer('ctr') ?? 'ctr', [...before, 'images', 'ls', '-q'])
          return said.stdout.toString().includes('docker.io/library/base:1.2.3')
        },
        open: async () => await (await openEngine('containerd', options)).open(['base:1.2.3']),
      }
    },
    { continues: false },
  )
})

describeWithPeers(['podman'], 'podman among the backends', function () {
  this.timeout(60_000)
  let podman: TestPodman

  before(async () => {
    podman = await new TestPodman().serve()
  })

  after(() => podman?.stop())

  const open = (folder: string, sample: Sample) =>
    opened('podman', { address: podman.socket }, folder, sample)

  // As a sink it is not among them: it leaves the comparison of digests to podman, which reads the files itself.
  conformsAsSource('podman', async (folder, sample) => await asSource(await open(folder, sample)))
  conformsAsCollection('podman', open)
})
