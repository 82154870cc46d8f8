import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import { certificateFolders, folderNames } from '../../../provider/registry/certificate-folders.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { type Certificate, selfSigned } from './certificates.js'
import { type FaultyServer, startFaultyServer } from './faulty-server.js'
import { failure, impatientClient } from './reading.js'
import { makeSmallImage, push, type SmallImage } from './small-image.js'

describeWithPeers(['docker-registry', 'skopeo'], 'a registry that wants a certificate of its clients', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let server: Certificate
  let own: Certificate
  let image: SmallImage

  before(async () => {
    server = selfSigned(temporary.folder())
    own = selfSigned(temporary.folder())
    const client = { certificate: own.file, key: own.keyFile }
    registry = await startDockerRegistry({ tls: { certificate: server.file, key: server.keyFile, client } })
    image = makeSmallImage(temporary.folder())
    const folder = certsFolder(temporary.folder())
    push(image, `${registry.host}/base:1`, '--dest-cert-dir', folder)
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })

  /** A folder of a host as docker's and podman's certs.d have it. */
  function certsFolder(folder: string): string {
    mkdirSync(folder, { recursive: true })
    copyFileSync(server.file, path.join(folder, 'ca.crt'))
    copyFileSync(own.file, path.join(folder, 'client.cert'))
    copyFileSync(own.keyFile, path.join(folder, 'client.key'))
    return folder
  }

  const shown = () => ({ registry: registry.host, certFile: own.file, keyFile: own.keyFile })
  const reference = () => parseReference(`${registry.host}/base:1`)

  it('is shown the one that was named for it', async () => {
    const client = impatientClient({ caFile: server.file, clientCertificate: shown() })
    expect(await openRegistrySource(client, reference()).resolve('1')).to.deep.equal(image.manifest)
    await client.close()
  })

  it('is told from one that is not there, where none is shown', async () => {
    const client = impatientClient({ caFile: server.file })
    const error = await failure(openRegistrySource(client, reference()).resolve('1'), 'UNAUTHORIZED')
    expect(error.remedy).to.contain('`certFile`')
    await client.close()
  })

  it('is not shown one that was named for another registry', async () => {
    const clientCertificate = { ...shown(), registry: 'other.example' }
    const client = impatientClient({ caFile: server.file, clientCertificate })
    await failure(openRegistrySource(client, reference()).resolve('1'), 'UNAUTHORIZED')
    await client.close()
  })

  for (const place of ['.config/containers/certs.d', '.config/docker/certs.d', '.docker/certs.d'])
    it(`is known with its authority from ~/${place}`, async () => {
      const home = temporary.folder()
      certsFolder(path.join(home, place, registry.host))
      const client = impatientClient({ environment: { HOME: home } })
      expect(await openRegistrySource(client, reference()).resolve('1')).to.deep.equal(image.manifest)
      await client.close()
    })

  it('may be a mirror, with an authority of its own, which is then shown the certificate that is kept for it', async () => {
    const home = temporary.folder()
    const folder = certsFolder(path.join(home, '.config/containers/certs.d', registry.host))
    copyFileSync(own.file, path.join(folder, 'ca.crt'))
    const endpoints = [{ url: `https://${registry.host}`, caFile: server.file }]
    const client = impatientClient({
      environment: { HOME: home },
      mirrors: { 'upstream.invalid': { endpoints } },
    })
    const source = openRegistrySource(client, parseReference('upstream.invalid/base:1'))
    expect(await source.resolve('1')).to.deep.equal(image.manifest)
    await client.close()
  })

  it('is refused a key that is another one’s, by name', async () => {
    const clientCertificate = { ...shown(), keyFile: server.keyFile }
    const client = impatientClient({ caFile: server.file, clientCertificate })
    const error = await failure(openRegistrySource(client, reference()).resolve('1'), 'SOURCE_INVALID')
    expect(error.message).to.contain(server.keyFile)
    await client.close()
  })
})

describe('certificates of mirrors', () => {
  const temporary = scratch()
  let server: FaultyServer
  let certificate: Certificate

  before(async () => {
    certificate = selfSigned(temporary.folder())
    const type = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
    server = await startFaultyServer((_, response) => response.writeHead(200, type).end('{}'), certificate)
  })
  after(async () => {
    await server.stop()
    temporary.remove()
  })

  async function resolved(setting: object): Promise<{ notes: string[]; outcome: string }> {
    const notes: string[] = []
    const client = impatientClient({
      mirrors: { 'upstream.invalid': { endpoints: [{ url: server.origin, ...setting }], upstream: false } },
      onNote: (line) => notes.push(line),
    })
    const source = openRegistrySource(client, parseReference('upstream.invalid/base:1'))
    const outcome = await source.resolve('1').then(
      () => 'resolved',
      (error) => error.code as string,
    )
    await client.close()
    return { notes, outcome }
  }

  it('are checked against the authority that is set for the mirror', async () => {
    expect((await resolved({})).outcome).to.equal('CERTIFICATE_UNTRUSTED')
    expect((await resolved({ caFile: certificate.file })).outcome).to.equal('resolved')
  })

  it('that are not checked are told of', async () => {
    const { notes, outcome } = await resolved({ skipVerify: true })
    expect(outcome).to.equal('resolved')
    expect(notes[0]).to.equal(
      `The certificate of the mirror ${server.origin} is not checked, as the settings have it.`,
    )
  })

  it('of other servers on the same host are checked all the same', async () => {
    const other = await startFaultyServer((_, response) => response.end('{}'), certificate)
    const client = impatientClient({
      mirrors: { 'upstream.invalid': { endpoints: [{ url: server.origin, skipVerify: true }] } },
    })
    await openRegistrySource(client, parseReference('upstream.invalid/base:1')).resolve('1')
    const direct = openRegistrySource(client, parseReference(`${other.host}/base:1`))
    await failure(direct.resolve('1'), 'CERTIFICATE_UNTRUSTED')
    await client.close()
    await other.stop()
  })
})

describe('folders of certificates', () => {
  it('are those of podman and docker, the user’s own first', () => {
    expect(certificateFolders('linux', { HOME: '/home/u' })).to.deep.equal([
      '/home/u/.config/containers/certs.d',
      '/home/u/.config/docker/certs.d',
      '/home/u/.docker/certs.d',
      '/etc/containers/certs.d',
      '/etc/docker/certs.d',
    ])
    expect(certificateFolders('linux', { XDG_CONFIG_HOME: '/c' }).slice(0, 2)).to.deep.equal([
      '/c/containers/certs.d',
      '/c/docker/certs.d',
    ])
    const windows = certificateFolders('win32', { USERPROFILE: 'C:\\u', ProgramData: 'C:\\p' })
    expect(windows.slice(-2)).to.deep.equal(['C:\\u\\.docker\\certs.d', 'C:\\p\\docker\\certs.d'])
  })

  it('have a folder for each host, by its port where that is not 443, and without a colon on Windows', () => {
    expect(folderNames('a.example:5000', 'linux')).to.deep.equal(['a.example:5000'])
    expect(folderNames('a.example', 'linux')).to.deep.equal(['a.example', 'a.example:443'])
    expect(folderNames('a.example:5000', 'win32')).to.deep.equal(['a.example5000'])
    expect(folderNames('registry-1.docker.io', 'darwin')).to.include('docker.io')
  })
})
