import type { ImageCollection } from '../../../../provider/copy/ports.js'
import { openEngine } from '../../../../provider/engine/open-engine.js'
import type { Sample } from '../../../fixtures/sample.js'
import { type Docker, startDocker } from '../../../peers/engines.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { conformsAsCollection, conformsAsSource } from '../../conformance.js'

describeWithPeers(['docker', 'dockerd', 'skopeo'], 'docker as a source', () => {
  let engine: Docker

  before(async () => {
    engine = await startDocker()
  })

  after(() => engine?.stop())

  async function make(folder: string, sample: Sample): Promise<ImageCollection> {
    const archive = `${folder}/archive.tar`
    runPeer('skopeo', [
      'copy',
      '-q',
      `oci:${sample.folder}:base:1.2.3`,
      `docker-archive:${archive}:base:1.2.3`,
    ])
    engine.docker('load', '-q', '-i', archive)
    const opened = await openEngine('docker', { address: engine.socket })
    try {
      return await opened.open(['base:1.2.3'])
    } finally {
      await opened.close()
    }
  }

  conformsAsSource('an image of docker', async (folder, sample) => {
    const source = await make(folder, sample)
    const [image] = await source.images()
    if (!image) throw new Error('no image')
    return { source, root: image.root, ...(image.refName ? { name: image.refName } : {}) }
  })
  conformsAsCollection('an image of docker', make)
})
