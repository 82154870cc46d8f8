import { expect } from 'chai'
import { fullName, parseFullName } from '../../../provider/names/full-name.js'
import { namesFor, repositoryFor, tagFor } from '../../../provider/names/local-names.js'
import { fileName } from '../../../provider/verbs/save/saved-files.js'
import { refusal } from '../../manifests/refusal.js'

describe('names', () => {
  it('are what docker takes for a repository', () => {
    expect(repositoryFor('NanoServer')).to.equal('nanoserver')
    expect(repositoryFor('Windows Server Core')).to.equal('windows-server-core')
    expect(repositoryFor('Lab/Nano Server')).to.equal('lab/nano-server')
    expect(repositoryFor('registry.site:5000/base/debian')).to.equal('registry.site:5000/base/debian')
    expect(repositoryFor('docker.io/library/Debian')).to.equal('debian')
    expect(repositoryFor('-a_')).to.equal('a')
    for (const name of ['', '...', 'a//b', 'ü']) refusal(() => repositoryFor(name), 'INVALID_REFERENCE')
  })

  it('have versions that docker takes for tags', () => {
    expect(tagFor('10.0.14300.1010')).to.equal('10.0.14300.1010')
    expect(tagFor('1.0+build 7')).to.equal('1.0_build_7')
    expect(tagFor('.-1')).to.equal('1')
    expect(tagFor('x'.repeat(200))).to.have.length(128)
    for (const version of ['', '...']) refusal(() => tagFor(version), 'INVALID_REFERENCE')
  })

  it('are a version and latest, latest not twice', () => {
    expect(namesFor('A', '1', true)).to.deep.equal([
      { repository: 'a', tag: '1' },
      { repository: 'a', tag: 'latest' },
    ])
    expect(namesFor('A', '1', false)).to.have.length(1)
    expect(namesFor('A', 'latest', true)).to.deep.equal([{ repository: 'a', tag: 'latest' }])
  })

  it('in full have a publisher, and come apart again', () => {
    expect(fullName('Microsoft', 'NanoServer', '10.0.1')).to.equal('CN=Microsoft_NanoServer_10.0.1')
    expect(fullName('Unknown', 'quay.io/opstree/redis', '7')).to.equal('CN=quay.io.opstree_redis_7')
    expect(fullName('Bitnami', 'bitnami/redis', '7')).to.equal('CN=bitnami_redis_7')
    expect(parseFullName('cn=Microsoft_Nano_Server_10.0.1')).to.deep.equal({
      publisher: 'Microsoft',
      name: 'Nano_Server',
      version: '10.0.1',
    })
    for (const text of ['NanoServer', 'CN=A_B', 'CN=_a_1', 'CN=A_b_'])
      refusal(() => parseFullName(text), 'USAGE')
  })

  it('of files have no sign that Windows would not take', () => {
    expect(fileName({ name: 'NanoServer', version: '10.0.14300.1010' })).to.equal(
      'NanoServer-10-0-14300-1010.tar',
    )
    expect(fileName({ name: 'a/b:c', version: '1 "x"' })).to.equal('a_b-c-1-x-.tar')
    expect(fileName({ name: 'quay.io/opstree/redis', version: '7' })).to.equal('quay.io_opstree_redis-7.tar')
    expect(fileName({ name: 'a/b_c', version: '7' })).not.to.equal(fileName({ name: 'a_b/c', version: '7' }))
    expect(fileName({ name: 'a_b', version: '7' })).not.to.equal(fileName({ name: 'a/b', version: '7' }))
    expect(fileName({ name: '../../etc', version: '1' })).not.to.contain('/')
    const long = (tag: string): string => fileName({ name: 'a'.repeat(200), version: tag.repeat(128) })
    expect(long('x'))
      .to.have.length.below(200)
      .and.to.match(/^a+-[0-9a-f]{12}\.tar$/)
    expect(long('x')).not.to.equal(long('y'))
  })
})
