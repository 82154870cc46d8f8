import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS, type Descriptor } from '../../manifests/index.js'
import { install, load, type ProgressEvent, save } from '../../provider/index.js'
import { addArtifact, CHART, notationSignature, ORAS_FILE } from '../fixtures/artifact.js'
import { makeLayout, readIndex, writeIndex } from '../fixtures/layout.js'
import { TestContainerd } from '../peers/containerd.js'
import { type Docker, startDocker } from '../peers/engines.js'
import { describeWithPeers } from '../peers/peers.js'
import { TestPodman } from '../peers/podman.js'
import { addCosignTag } from '../provider/verbs/signed.js'
import { scratch } from '../scratch.js'

const NAME = 'registry.example/acme/demo'

describeWithPeers(
  ['docker', 'dockerd', 'containerd', 'ctr', 'podman'],
  'an archive of an image with signatures, a chart and a file',
  () => {
    const folders = scratch()
    let archive = ''
    let docker: Docker
    let containerd: TestContainerd
    let podman: TestPodman

    before(async () => {
      const folder = path.join(folders.folder(), 'layout')
      const [image] = makeLayout(folder, [
        { refName: `${NAME}:1.0`, layers: [{ files: { 'etc/a': 'a' } }, { files: { 'etc/b': 'b' } }] },
      ])
      addCosignTag(folder, image as Descriptor)
      const named = (root: Descriptor, refName: string): Descriptor => ({
        ...root,
        annotations: { [ANNOTATIONS.refName]: refName },
      })
      writeIndex(folder, [
        ...readIndex(folder),
        addArtifact(folder, notationSignature(image as Descriptor)),
        named(addArtifact(folder, CHART), 'registry.example/charts/app:1.2.3'),
        addArtifact(folder, ORAS_FILE),
      ])
      archive = path.join(folders.folder(), 'all.tar')
      await save({ names: [folder], path: archive })
      docker = await startDocker()
      containerd = await new TestContainerd().start()
      podman = new TestPodman()
    })
    after(async () => {
      await docker?.stop()
      await containerd?.stop()
      await podman?.stop()
      folders.remove()
    })

    it('is loaded by docker', () => {
      docker.docker('load', '-i', archive)
      expect(
        docker.docker('images', '--format', '{{.Repository}}:{{.Tag}}').trim().split('\n').sort(),
      ).to.deep.equal([`${NAME}:1.0`, `${NAME}:latest`])
    })

    it('is imported by containerd, which unpacks the image and nothing else', () => {
      containerd.ctr('images', 'import', '--snapshotter', 'native', archive)
      expect(containerd.ctr('images', 'ls', '-q').trim()).to.equal(`${NAME}:1.0`)
    })

    it('is loaded by podman', () => {
      podman.podman('load', '-i', archive)
      expect(podman.podman('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n')).to.include(
        `${NAME}:1.0`,
      )
    })

    it('is brought into an engine without them, by load and by install, with a note on each', async () => {
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void => {
        if (event.type === 'note') notes.push(event.message)
      }
      const store = path.join(folders.folder(), 'store')
      const engine = {
        engine: 'docker',
        engineAddress: `unix://${docker.socket}`,
        store,
        onProgress,
      } as const
      const loaded = await load({ names: [archive], ...engine })
      const installed = await install({ targets: [archive], ...engine })
      for (const images of [loaded.images, installed.loaded?.images ?? []])
        expect(images.map(({ tags }) => tags)).to.deep.equal([[`${NAME}:1.0`, `${NAME}:latest`]])
      const told = notes.filter((note) => note.includes('registry.example/charts/app 1.2.3 is a Helm chart'))
      expect(told, notes.join('\n')).to.have.length(2)
      expect(installed.images.map(({ kind }) => kind)).to.deep.equal([undefined, 'Helm chart', 'artifact'])
    })
  },
)
