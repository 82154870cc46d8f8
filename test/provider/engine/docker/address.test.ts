import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { dockerAddress } from '../../../../provider/engine/docker/address.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure } from '../../conformance.js'

describe("docker's address", () => {
  const temporary = scratch()
  after(() => temporary.remove())

  const given = (address: string) => dockerAddress({ address, environment: { HOME: '/nowhere' } })

  it('is the default of the platform where nothing says otherwise', () => {
    const environment = { HOME: '/nowhere' }
    expect(dockerAddress({ environment }, 'linux')).to.include({ socketPath: '/var/run/docker.sock' })
    expect(dockerAddress({ environment }, 'darwin')).to.include({ socketPath: '/var/run/docker.sock' })
    expect(dockerAddress({ environment }, 'win32')).to.include({ socketPath: '\\\\.\\pipe\\docker_engine' })
  })

  it('is read in all forms', () => {
    expect(given('/run/a.sock')).to.include({ kind: 'socket', socketPath: '/run/a.sock' })
    expect(given('unix:///run/a.sock')).to.include({ kind: 'socket', socketPath: '/run/a.sock' })
    expect(given('npipe:////./pipe/other')).to.include({ kind: 'socket', socketPath: '\\\\.\\pipe\\other' })
    expect(given('tcp://host')).to.include({ kind: 'tcp', host: 'host', port: 2375 })
    expect(given('tcp://[::1]:99')).to.include({ kind: 'tcp', host: '::1', port: 99 })
    expect(given('ssh://me@host:2222')).to.include({ kind: 'ssh', destination: 'me@host', port: '2222' })
  })

  it('is refused where it is none, and where ssh would take it for an option', async () => {
    for (const text of [
      'what',
      'ftp://host',
      'unix://relative',
      'ssh://-oProxyCommand=true',
      'ssh://',
      'tcp://',
    ])
      expectError(await failure(async () => given(text)), 'USAGE')
  })

  it('is that of DOCKER_HOST before that of the context', () => {
    const home = withContext('far', { Host: 'tcp://far:1' }, 'far')
    expect(dockerAddress({ environment: { HOME: home } })).to.include({ host: 'far', port: 1 })
    const environment = { HOME: home, DOCKER_HOST: 'tcp://near:2' }
    expect(dockerAddress({ environment })).to.include({ host: 'near', port: 2 })
  })

  it('is that of DOCKER_CONTEXT before that of the current one', () => {
    const home = withContext('far', { Host: 'tcp://far:1' }, 'other')
    const environment = { HOME: home, DOCKER_CONTEXT: 'far' }
    expect(dockerAddress({ environment })).to.include({ host: 'far' })
  })

  it('cannot be told for a context that is not there', async () => {
    const home = withContext('far', {}, 'gone')
    expectError(
      await failure(async () => dockerAddress({ environment: { HOME: home } })),
      'ENGINE_UNREACHABLE',
    )
  })

  it('comes with certificates, compared with the authority only where that is wanted', () => {
    const folder = temporary.folder()
    for (const part of ['ca', 'cert', 'key']) writeFileSync(path.join(folder, `${part}.pem`), part)
    const environment = { HOME: '/nowhere', DOCKER_HOST: 'tcp://host', DOCKER_CERT_PATH: folder }
    expect(dockerAddress({ environment })).to.not.have.property('tls')
    const verified = dockerAddress({ environment: { ...environment, DOCKER_TLS_VERIFY: '1' } })
    expect(verified).to.deep.include({
      port: 2376,
      tls: {
        ca: Buffer.from('ca'),
        cert: Buffer.from('cert'),
        key: Buffer.from('key'),
        rejectUnauthorized: true,
      },
    })
    const unverified = dockerAddress({ environment: { ...environment, DOCKER_TLS: '1' } })
    expect(unverified).to.have.nested.property('tls.rejectUnauthorized', false)
  })

  function withContext(name: string, docker: object, current: string): string {
    const home = temporary.folder()
    const hex = createHash('sha256').update(name).digest('hex')
    const meta = path.join(home, '.docker', 'contexts', 'meta', hex)
    mkdirSync(meta, { recursive: true })
    writeFileSync(path.join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker } }))
    writeFileSync(path.join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: current }))
    return home
  }
})
