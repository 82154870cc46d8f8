import { expect } from 'chai'
import { entryFromReference } from '../../catalog/entry-from-reference.js'

const DIGEST = `sha256:${'ab'.repeat(32)}`

describe('an entry from a full reference', () => {
  it('is named by its whole repository and the tag', () => {
    const entry = entryFromReference('mcr.microsoft.com/windows/nanoserver:ltsc2022')
    expect(entry).to.include({
      name: 'mcr.microsoft.com/windows/nanoserver',
      version: 'ltsc2022',
      source: 'mcr.microsoft.com',
    })
    expect(entry.location).to.deep.equal({
      kind: 'registry',
      reference: 'mcr.microsoft.com/windows/nanoserver:ltsc2022',
    })
  })

  it('has the short digest for its version where there is no tag, and is pinned', () => {
    const entry = entryFromReference(`localhost:5000/a/b@${DIGEST}`)
    expect(entry).to.include({ name: 'localhost:5000/a/b', version: 'abababababab', digest: DIGEST })
  })

  it('keeps tag and digest together', () => {
    const entry = entryFromReference(`localhost:5000/b:1.0@${DIGEST}`, { insecure: true })
    expect(entry).to.include({ version: '1.0', digest: DIGEST })
    expect(entry.location).to.deep.equal({
      kind: 'registry',
      reference: `localhost:5000/b:1.0@${DIGEST}`,
      insecure: true,
    })
  })

  it('is named as docker shows it where docker leaves a part out', () => {
    const nameOf = (reference: string): string => entryFromReference(reference).name
    expect(nameOf('docker.io/library/debian:12')).to.equal('debian')
    expect(nameOf('index.docker.io/library/debian:12')).to.equal('debian')
    expect(nameOf('docker.io/bitnami/redis:7')).to.equal('bitnami/redis')
    expect(nameOf('docker.io/library/a/b:1')).to.equal('library/a/b')
    expect(nameOf('docker.io/quay.io/redis:7')).to.equal('docker.io/quay.io/redis')
    expect(nameOf('quay.io/library/redis:7')).to.equal('quay.io/library/redis')
  })

  it('means latest where it has neither, as docker does', () => {
    const entry = entryFromReference('docker.io/library/debian')
    expect(entry.version).to.equal('latest')
    expect(entry.location).to.have.property('reference', 'docker.io/library/debian:latest')
  })

  it('refuses what is not a reference', () => {
    expect(() => entryFromReference('debian:12'))
      .to.throw()
      .with.property('code', 'INVALID_REFERENCE')
  })
})
