import { expect } from 'chai'
import type { RegistryClient } from '../../../../provider/registry/client.js'
import { uploadBlob } from '../../../../provider/registry/push/upload.js'
import { type FaultyServer, json, startFaultyServer } from '../faulty-server.js'
import { blob, impatientClient } from '../reading.js'

describe('tokens for a push', () => {
  const bytes = Buffer.from('a layer')
  let registry: FaultyServer
  let client: RegistryClient

  beforeEach(async () => {
    client = impatientClient()
  })
  afterEach(async () => {
    await client.close()
    await registry.stop()
  })

  /** A registry with tokens that hold the scopes they were asked for; `mayRead` may be mounted from. */
  async function start(mayRead: string): Promise<void> {
    registry = await startFaultyServer(({ method, url, headers }, response) => {
      const asked = new URL(url, registry.origin)
      if (asked.pathname === '/token') {
        const granted = asked.searchParams
          .getAll('scope')
          .filter((s) => !/:pull$/.test(s) || s.includes(mayRead))
        return json(response, 200, { token: Buffer.from(granted.join(' ')).toString('base64url') })
      }
      const held = Buffer.from((headers.authorization ?? '').slice(7), 'base64url')
        .toString()
        .split(' ')
      const from = asked.searchParams.get('from')
      const wanted = ['repository:base/new:pull,push', ...(from ? [`repository:${from}:pull`] : [])]
      if (!wanted.every((scope) => held.includes(scope)))
        return json(
          response,
          401,
          {},
          {
            'www-authenticate': `Bearer realm="${registry.origin}/token",service="test",scope="${wanted.join(' ')}"`,
          },
        )
      if (method === 'POST' && from) return json(response, 201, {}, { location: '/v2/base/new/blobs/any' })
      if (method === 'POST') return json(response, 202, {}, { location: '/v2/base/new/blobs/uploads/1' })
      return json(response, 201, {})
    })
  }
  const send = (mountFrom?: string): Promise<string> => {
    const destination = { client, registry: registry.host, repository: 'base/new', insecure: false }
    const open = async function* () {
      yield bytes
    }
    return uploadBlob(destination, { descriptor: blob(bytes), open }, mountFrom)
  }
  const scopes = (): string[][] =>
    registry.seen
      .map(({ url }) => new URL(url, registry.origin))
      .filter(({ pathname }) => pathname === '/token')
      .map(({ searchParams }) => searchParams.getAll('scope'))

  it('are asked for with the right to push, once', async () => {
    await start('')
    expect(await send()).to.equal('sent')
    expect(scopes()).to.deep.equal([['repository:base/new:pull,push']])
  })

  it('hold the repository that is mounted from', async () => {
    await start('base/old')
    expect(await send('base/old')).to.equal('mounted')
    expect(scopes()).to.deep.equal([['repository:base/new:pull,push', 'repository:base/old:pull']])
  })

  it('need not hold it: then the blob is sent', async () => {
    await start('none')
    expect(await send('base/old')).to.equal('sent')
  })
})
