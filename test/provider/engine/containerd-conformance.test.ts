import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { findCtr } from '../../../provider/engine/containerd/ctr.js'
import { ContainerdSink } from '../../../provider/engine/containerd/sink.js'
import { openEngine } from '../../../provider/engine/open-engine.js'
import type { Sample } from '../../fixtures/sample.js'
import { TestContainerd } from '../../peers/containerd.js'
import { describeWithPeers, peer } from '../../peers/peers.js'
import { conformsAsCollection, conformsAsSink, conformsAsSource } from '../conformance.js'
import { asSource, opened } from './loaded-sample.js'

describeWithPeers(['containerd', 'ctr'], 'containerd among the backends', () => {
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
    { continues: false, platform: { os: 'linux', architecture: 'amd64' } },
  )
})
