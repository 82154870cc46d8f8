import { expect } from 'chai'
import { digestOf } from '../../../manifests/index.js'
import { Inventory } from '../../../provider/engine/containerd/content.js'
import { findCtr, missingContent } from '../../../provider/engine/containerd/ctr.js'
import { findPodman, missingLayer } from '../../../provider/engine/podman/podman.js'

const BLOB = digestOf('a blob')

describe('the client of containerd', () => {
  const environment = { CONTAINERIMAGE_CTR: 'k3s ctr', CONTAINERD_ADDRESS: '/run/its.sock' }

  it('may be one inside another program, and is told address and namespace', () => {
    const ctr = findCtr({ environment })
    expect(ctr.file).to.equal('k3s')
    expect(ctr.before).to.deep.equal(['ctr', '--address', '/run/its.sock', '--namespace', 'default'])
  })

  it('takes what was asked for before what the environment says', () => {
    const ctr = findCtr({ environment, address: 'unix:///run/mine.sock', namespace: 'k8s.io' })
    expect(ctr).to.include({ address: '/run/mine.sock', namespace: 'k8s.io' })
  })

  it('is in the namespace of Kubernetes where it is that of k3s', () => {
    const ctr = findCtr({ environment, address: '/run/k3s/containerd/containerd.sock' })
    expect(ctr.namespace).to.equal('k8s.io')
  })

  const complaints = {
    NO_SPACE: 'ctr: failed to ingest "blobs/a": write /var/lib/x: no space left on device: unknown',
    ENGINE_UNREACHABLE: 'ctr: rpc error: code = Unavailable desc = error reading from server: EOF',
    ENGINE_REFUSED: 'ctr: unrecognized image format',
  }
  for (const [code, complaint] of Object.entries(complaints))
    it(`says ${code} for ${complaint}`, () => {
      const error = findCtr({ environment }).refusal('containerd', complaint)
      expect(error.code).to.equal(code)
      expect(error.found).to.equal(complaint.slice('ctr: '.length))
      expect(error.remedy).to.match(/\w.*\.$/)
    })

  it('says how to get the right to use the socket', () => {
    const complaint = 'ctr: failed to dial "/run/its.sock": connect: permission denied'
    const error = findCtr({ environment }).refusal('containerd', complaint)
    expect(error.code).to.equal('ENGINE_UNREACHABLE')
    expect(error.remedy).to.contain('as root')
  })

  it('names the content that is not there any more, and only then', () => {
    const { refusal } = findCtr({ environment })
    expect(missingContent(refusal('containerd', `ctr: content digest ${BLOB}: not found`))).to.equal(BLOB)
    expect(missingContent(refusal('containerd', 'ctr: image "a": not found'))).to.equal(undefined)
    expect(missingContent(new Error(`content digest ${BLOB}: not found`))).to.equal(undefined)
  })

  it('has a blob only where the size, rounded to four digits, is that of the blob', () => {
    const there = new Inventory(new Map([[BLOB, 101_200_000]]))
    expect(there.has({ digest: BLOB, size: 101_165_535 })).to.equal(true)
    expect(there.has({ digest: BLOB, size: 100_000_000 })).to.equal(false)
    expect(there.has({ digest: digestOf('another'), size: 101_200_000 })).to.equal(false)
  })
})

describe('podman as a client', () => {
  const environment = { CONTAINERIMAGE_PODMAN: process.execPath }

  it('works by itself where no address is named, else by a URL', () => {
    expect(findPodman({ environment })).to.include({ label: 'podman' }).and.not.have.property('url')
    expect(findPodman({ environment, address: '/run/p.sock' }).before).to.deep.equal([
      '--url',
      'unix:///run/p.sock',
    ])
    const there = { ...environment, CONTAINER_HOST: 'ssh://core@host/run/p.sock' }
    expect(findPodman({ environment: there }).url).to.equal('ssh://core@host/run/p.sock')
  })

  const complaints = {
    NO_SPACE: 'Error: writing blob: write /var/lib/x: no space left on device',
    ENGINE_UNREACHABLE:
      'Error: unable to connect to Podman socket: dial unix /p.sock: connect: connection refused',
    ENGINE_REFUSED: 'Error: Source image rejected: Running image dir:/a is rejected by policy.',
  }
  for (const [code, complaint] of Object.entries(complaints))
    it(`says ${code} for ${complaint}`, () => {
      const error = findPodman({ environment }).refusal('podman', `Copying blob ${BLOB}\n${complaint}`)
      expect(error.code).to.equal(code)
      expect(error.found).to.equal(complaint.slice('Error: '.length))
    })

  it('names the layer that is not there any more, and only then', () => {
    const { refusal } = findPodman({ environment })
    const complaint = `Error: oci-archive: reading blob ${BLOB}: open /var/tmp/oci1/blobs: no such file or directory`
    expect(missingLayer(refusal('podman', complaint))).to.equal(BLOB)
    expect(missingLayer(refusal('podman', 'Error: no such file or directory'))).to.equal(undefined)
  })
})
