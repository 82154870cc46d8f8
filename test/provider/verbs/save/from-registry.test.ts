import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, setSetting } from '../../../../provider/index.js'
import { restoreEnvironment } from '../../../environment.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { selfSigned } from '../../registry/certificates.js'
import { failure } from '../failure.js'

describeWithPeers(
  ['docker-registry', 'skopeo'],
  'installing from a registry with an authority of its own',
  () => {
    const temporary = scratch()
    const environment = { ...process.env }
    let registry: DockerRegistry
    let certificate: string
    let folder: string

    before(async () => {
      folder = temporary.folder()
      const { file, keyFile } = selfSigned(folder)
      certificate = file
      registry = await startDockerRegistry({ tls: { certificate: file, key: keyFile } })
      const layout = path.join(folder, 'layout')
      makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
      const to = `docker://${registry.host}/site/base:1.0`
      runPeer('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:base:1.0`, to])
    })
    beforeEach(() => {
      process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
    })
    afterEach(() => {
      restoreEnvironment(environment)
    })
    after(async () => {
      await registry?.stop()
      temporary.remove()
    })

    it('is refused without it, and trusts the one that the settings name', async () => {
      const request = { targets: [`${registry.host}/site/base:1.0`], store: path.join(folder, 'store') }
      await failure(install(request), 'CERTIFICATE_UNTRUSTED')
      await setSetting('caFile', certificate)
      await install(request)
    })

    it('records which reference the image came by', async () => {
      const store = path.join(folder, 'origin')
      await install({ targets: [`${registry.host}/site/base:1.0`], store, caFile: certificate })
      const index = JSON.parse(readFileSync(path.join(store, 'index.json'), 'utf8')) as {
        manifests: { annotations: Record<string, string> }[]
      }
      const sources = index.manifests.map(({ annotations }) => annotations['io.containerimage.source'])
      expect(sources).to.deep.equal([`${registry.host}/site/base:1.0`, `${registry.host}/site/base:1.0`])
    })
  },
)
