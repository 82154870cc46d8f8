import type { Sample } from '../../fixtures/sample.js'
import { describeWithPeers } from '../../peers/peers.js'
import { TestPodman } from '../../peers/podman.js'
import { conformsAsCollection, conformsAsSource } from '../conformance.js'
import { asSource, opened } from './loaded-sample.js'

describeWithPeers(['podman'], 'podman among the backends', () => {
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
