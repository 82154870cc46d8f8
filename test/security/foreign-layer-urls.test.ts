import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf, MEDIA_TYPES } from '../../manifests/index.js'
import { verify } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { attack } from './attack.js'
import { configFor, type Documents, documents } from './documents.js'

describe('URLs of foreign layers in an installed archive (CVE-2020-15157)', () => {
  const host = attack()
  const requests: string[] = []
  /** Another one for each type: what one test installs must not be there for the next. */
  const tarFor = (mediaType: string): Buffer => tarOf({ 'Files/evil': mediaType })
  let server: http.Server
  let origin: string

  before(async () => {
    server = http.createServer((request, response) => {
      requests.push(request.url ?? '')
      response.end('evil')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  beforeEach(() => requests.splice(0))

  after(() => new Promise((resolve) => server.close(resolve)))

  const withForeignLayer = (mediaType: string): Documents => {
    const made = documents(path.join(host.stick, 'layout'))
    const tar = tarFor(mediaType)
    const layer = {
      mediaType,
      digest: digestOf(tar),
      size: tar.length,
      urls: [`${origin}/layer`, 'file:///etc/passwd'],
    }
    const config = made.put(MEDIA_TYPES.ociConfig, configFor([digestOf(tar)]))
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...made.parts().manifest, config, layers: [layer] }))
    return made
  }

  for (const mediaType of [
    MEDIA_TYPES.dockerForeignLayer,
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
    MEDIA_TYPES.ociLayer,
  ]) {
    it(`asks for none of ${mediaType} when it installs`, async () => {
      await host.refused(withForeignLayer(mediaType).folder, 'BLOB_MISSING')
      expect(requests).to.deep.equal([])
    })

    it(`asks for none of ${mediaType} when it verifies, and says what is missing`, async () => {
      const result = await verify({ paths: [withForeignLayer(mediaType).folder] })
      expect(result.problems.map((problem) => problem.code)).to.include('BLOB_MISSING')
      expect(requests).to.deep.equal([])
    })

    it(`takes ${mediaType} from the archive where it is there`, async () => {
      const made = withForeignLayer(mediaType)
      made.put('x', tarFor(mediaType))
      await host.allowed(made.folder)
      expect(requests).to.deep.equal([])
    })
  }
})
