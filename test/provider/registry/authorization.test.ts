import { expect } from 'chai'
import { parseReference } from '../../../manifests/index.js'
import type { RegistryClient } from '../../../provider/registry/client.js'
import { belongsTogether, checkRealm } from '../../../provider/registry/realm.js'
import { openRegistrySource } from '../../../provider/registry/source.js'
import { RegistryTags } from '../../../provider/registry/tags.js'
import { scratch } from '../../scratch.js'
import { dockerConfig } from './docker-config.js'
import {
  type FaultyServer,
  type Handler,
  json,
  type Seen,
  serve,
  startFaultyServer,
} from './faulty-server.js'
import { all, blob, failure, impatientClient } from './reading.js'

describe('authorization', () => {
  const temporary = scratch()
  const bytes = Buffer.from('what only some may read')
  const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`
  let registry: FaultyServer
  let notes: string[]
  const clients: RegistryClient[] = []

  before(async () => {
    registry = await startFaultyServer(() => undefined)
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })
  beforeEach(() => {
    registry.seen.length = 0
    notes = []
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
  })

  function client(
    auths: Record<string, string> = {},
    more: object = {},
    realms: Record<string, string> = {},
  ): RegistryClient {
    const made = impatientClient({
      realms,
      dockerConfig: dockerConfig(temporary.folder(), auths, more),
      onNote: (line) => notes.push(line),
    })
    clients.push(made)
    return made
  }
  const withPassword = () => client({ [registry.host]: 'user:secret' })
  const read = (by: RegistryClient, repository = 'base/image') => {
    const source = openRegistrySource(by, parseReference(`${registry.host}/${repository}`))
    return all(source.read(blob(bytes)))
  }
  const asked = (path: string) => registry.seen.filter((request) => request.url.startsWith(path))

  /** A registry with a token service of its own: tokens are `token-1`, `token-2` and so on. */
  function withTokens(
    options: { accept?: (request: Seen) => boolean; good?: (token: string) => boolean } = {},
  ): Handler {
    let count = 0
    return (request, response) => {
      if (request.url.startsWith('/token')) {
        if (options.accept?.(request) === false) return json(response, 401, { details: 'secret hint' })
        return json(response, 200, { token: `token-${++count}`, expires_in: 300 })
      }
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
      if (token && (options.good?.(token) ?? true)) return serve(request, response, bytes)
      const parameters = `realm="${registry.origin}/token",service="the registry",scope="repository:base/image:pull,push"`
      return json(response, 401, {}, { 'www-authenticate': `Bearer ${parameters}` })
    }
  }

  describe('by password', () => {
    const handler: Handler = (request, response) =>
      request.headers.authorization === basic
        ? serve(request, response, bytes)
        : json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' })

    it('is sent when it is asked for, and then with every request', async () => {
      registry.handler = handler
      const by = withPassword()
      await read(by)
      await read(by)
      expect(registry.seen.map((request) => request.headers.authorization)).to.deep.equal([
        undefined,
        basic,
        basic,
      ])
    })

    it('that is wrong is refused once, without the password in the error', async () => {
      registry.handler = handler
      const error = await failure(read(client({ [registry.host]: 'user:wrong' })), 'UNAUTHORIZED')
      expect(registry.seen).to.have.length(2)
      expect(error.message).to.contain('does not accept the credentials')
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.stack)}`).not.to.contain('wrong')
    })

    it('that is missing is asked for', async () => {
      registry.handler = handler
      const error = await failure(read(client()), 'UNAUTHORIZED')
      expect(error.message).to.contain('wants credentials')
      expect(error.remedy).to.contain('login')
    })

    it('of another host is not used', async () => {
      registry.handler = handler
      await failure(
        read(client({ '127.0.0.1:1': 'user:secret', '127.0.0.1': 'user:secret' })),
        'UNAUTHORIZED',
      )
      expect(registry.seen.every((request) => request.headers.authorization === undefined)).to.equal(true)
    })
  })

  describe('by token', () => {
    it('asks as nobody where there are no credentials', async () => {
      registry.handler = withTokens()
      await read(client())
      const [request] = asked('/token')
      expect(request?.headers).not.to.have.property('authorization')
      expect(new URL(request?.url ?? '', registry.origin).searchParams.get('service')).to.equal(
        'the registry',
      )
    })

    it('asks for one repository and no more than is needed, whatever the registry asks for', async () => {
      registry.handler = withTokens()
      await read(client())
      const url = new URL(asked('/token')[0]?.url ?? '', registry.origin)
      expect(url.searchParams.getAll('scope')).to.deep.equal(['repository:base/image:pull'])
    })

    it('sends user and password to a token service of the same origin', async () => {
      registry.handler = withTokens()
      await read(withPassword())
      expect(asked('/token')[0]?.headers.authorization).to.equal(basic)
      expect(asked('/v2/').map((r) => r.headers.authorization)).to.deep.equal([undefined, 'Bearer token-1'])
    })

    it('keeps a token for its repository only', async () => {
      registry.handler = withTokens()
      const by = client()
      await read(by)
      await read(by)
      expect(asked('/token')).to.have.length(1)
      await read(by, 'base/other')
      expect(asked('/token')).to.have.length(2)
      expect(asked('/v2/base/other')[0]?.headers).not.to.have.property('authorization')
    })

    it('asks once for many requests at the same time', async () => {
      registry.handler = withTokens()
      const by = client()
      await Promise.all(Array.from({ length: 8 }, () => read(by)))
      expect(asked('/token')).to.have.length(1)
    })

    it('takes the token that another request got while this one was refused', async () => {
      const good = withTokens()
      let through: () => void = () => {}
      const first = new Promise<void>((resolve) => {
        through = resolve
      })
      registry.handler = async (request, response, count) => {
        if (request.url.startsWith('/v2/') && count === 1) await first
        return good(request, response, count)
      }
      const by = client()
      const slow = [read(by), read(by)]
      await Promise.race(slow)
      through()
      await Promise.all(slow)
      expect(asked('/token')).to.have.length(1)
    })

    it('renews a token that is refused, once', async () => {
      let refused = ''
      registry.handler = withTokens({ good: (token) => token !== refused })
      const by = client()
      await read(by)
      refused = 'token-1'
      await read(by)
      expect(asked('/v2/').at(-1)?.headers.authorization).to.equal('Bearer token-2')
      registry.handler = withTokens({ good: () => false })
      registry.seen.length = 0
      await failure(read(by), 'UNAUTHORIZED')
      expect(asked('/token')).to.have.length(1)
    })

    it('is renewed again where it is over after a few requests of the same run', async () => {
      const uses = new Map<string, number>()
      const spent = (token: string): boolean => {
        uses.set(token, (uses.get(token) ?? 0) + 1)
        return (uses.get(token) ?? 0) <= 2
      }
      const good = withTokens({ good: spent })
      registry.handler = (request, response, count) => {
        const set = response.writeHead.bind(response)
        // As registries say it that know the token and do not take it any more.
        response.writeHead = ((status: number, headers: Record<string, string>) =>
          set(
            status,
            status === 401
              ? { ...headers, 'www-authenticate': `${headers['www-authenticate']},error="invalid_token"` }
              : headers,
          )) as typeof response.writeHead
        return good(request, response, count)
      }
      const by = client()
      await Promise.all(Array.from({ length: 8 }, () => read(by)))
      registry.handler = (_, response) =>
        json(response, 401, {}, { 'www-authenticate': 'Basic realm="x",error="invalid_token"' })
      registry.seen.length = 0
      await failure(read(withPassword()), 'UNAUTHORIZED')
      expect(registry.seen.length).to.be.below(4)
    })

    for (const [repeats, isGood] of [
      [1, true],
      [3, true],
      [Number.POSITIVE_INFINITY, false],
    ] as const)
      it(`is asked for again where a service gives one that is over, ${repeats} times`, async () => {
        let asked = 0
        let uses = 0
        registry.handler = (request, response) => {
          if (request.url.startsWith('/token')) {
            asked++
            const isOld = asked > 1 && asked <= 1 + repeats
            return json(response, 200, {
              token: asked === 1 || isOld ? 'old' : `new-${asked}`,
              expires_in: 300,
            })
          }
          const token = request.headers.authorization ?? ''
          if (token.startsWith('Bearer new-') || (token === 'Bearer old' && uses++ < 1))
            return serve(request, response, bytes)
          const parameters = `realm="${registry.origin}/token",service="x",error="invalid_token"`
          return json(response, 401, {}, { 'www-authenticate': `Bearer ${parameters}` })
        }
        const by = withPassword()
        await read(by)
        if (isGood) await read(by)
        else await failure(read(by), 'UNAUTHORIZED')
        expect(asked).to.equal(isGood ? repeats + 2 : 6)
      })

    it('says that the token service refuses, and not what it was told', async () => {
      registry.handler = withTokens({ accept: () => false })
      const error = await failure(read(withPassword()), 'UNAUTHORIZED')
      expect(error.message).to.contain('refuses the credentials')
      expect(JSON.stringify([error.message, error])).not.to.contain('secret')
    })

    it('uses an identity token by POST, and never in a URL', async () => {
      registry.handler = (request, response, count) => {
        if (request.method !== 'POST') return withTokens()(request, response, count)
        return json(response, 200, { access_token: 'from-oauth2', expires_in: 300, refresh_token: 'x' })
      }
      const file = { auths: { [registry.host]: { identitytoken: 'refresh me' } } }
      await read(client({}, file))
      const post = registry.seen.find((request) => request.method === 'POST')
      expect(Object.fromEntries(new URLSearchParams(post?.body))).to.deep.equal({
        grant_type: 'refresh_token',
        client_id: 'containerimage',
        refresh_token: 'refresh me',
        service: 'the registry',
        scope: 'repository:base/image:pull',
      })
      expect(asked('/v2/').at(-1)?.headers.authorization).to.equal('Bearer from-oauth2')
      expect(registry.seen.map((r) => r.url).join()).not.to.contain('refresh')
    })

    it('takes a registry token from the file as it is', async () => {
      registry.handler = withTokens()
      await read(client({}, { auths: { [registry.host]: { registrytoken: 'ready' } } }))
      expect(asked('/token')).to.have.length(0)
      expect(asked('/v2/').at(-1)?.headers.authorization).to.equal('Bearer ready')
    })

    for (const [what, answer] of [
      ['a token that would end the header', { token: 'a\r\nx-evil: 1' }],
      ['no token', { expires_in: 3 }],
      ['a list', ['token']],
      ['null', null],
    ] as const)
      it(`refuses ${what}`, async () => {
        registry.handler = (request, response, count) =>
          request.url.startsWith('/token')
            ? json(response, 200, answer)
            : withTokens()(request, response, count)
        await failure(read(client()), 'REGISTRY_ERROR')
      })
  })

  describe('with a hostile realm (oras-go CVE-2026-48978)', () => {
    let other: FaultyServer
    before(async () => {
      other = await startFaultyServer((_, response) => json(response, 200, { token: 'of-the-other' }))
    })
    after(() => other.stop())
    beforeEach(() => {
      other.seen.length = 0
    })

    const challenge =
      (realm: string): Handler =>
      (_, response) =>
        json(response, 401, {}, { 'www-authenticate': `Bearer realm="${realm}",service="x"` })

    it('does not send credentials to another host, and says so', async () => {
      registry.handler = challenge(`${other.origin}/token`)
      await failure(read(withPassword()), 'UNAUTHORIZED')
      expect(other.seen).to.have.length(1)
      expect(other.seen[0]?.headers).not.to.have.property('authorization')
      expect(notes[0]).to.contain(`are not sent to its token service at ${other.host}`)
    })

    it('sends credentials to a host that the user has named for this registry, and to no other', async () => {
      registry.handler = challenge(`${other.origin}/token`)
      const told = (origin: string) =>
        client({ [registry.host]: 'user:secret' }, undefined, { [registry.host]: origin })
      await failure(read(told('https://login.example.org')), 'UNAUTHORIZED')
      expect(other.seen[0]?.headers).not.to.have.property('authorization')
      expect(notes[0]).to.contain('are not sent')
      await failure(read(told(`${other.origin}/somewhere`)), 'UNAUTHORIZED')
      expect(other.seen[1]?.headers.authorization).to.equal(basic)
    })

    it('does not send an identity token to another host', async () => {
      registry.handler = challenge(`${other.origin}/token`)
      await failure(
        read(client({}, { auths: { [registry.host]: { identitytoken: 'refresh me' } } })),
        'UNAUTHORIZED',
      )
      expect(other.seen.map((request) => request.method)).to.deep.equal(['GET'])
      expect(JSON.stringify(other.seen)).not.to.contain('refresh me')
    })

    it('sends what is kept for the other host itself', async () => {
      registry.handler = challenge(`${other.origin}/token`)
      await failure(
        read(client({ [registry.host]: 'user:secret', [other.host]: 'me:there' })),
        'UNAUTHORIZED',
      )
      const sent = `Basic ${Buffer.from('me:there').toString('base64')}`
      expect(other.seen[0]?.headers.authorization).to.equal(sent)
    })

    for (const realm of [
      'http://192.0.2.1/token',
      'http://example.invalid/token',
      'ftp://x/',
      'token',
      'http://u:p@127.0.0.1/',
    ])
      it(`does not ask ${realm}`, async () => {
        registry.handler = challenge(realm)
        await failure(read(withPassword()), 'REDIRECT_REFUSED')
      })

    it('follows its redirects without credentials', async () => {
      registry.handler = (request, response, count) =>
        request.url.startsWith('/token')
          ? response.writeHead(307, { location: `${other.origin}/token` }).end()
          : withTokens()(request, response, count)
      await read(withPassword())
      expect(asked('/token')[0]?.headers.authorization).to.equal(basic)
      expect(other.seen[0]?.headers).not.to.have.property('authorization')
    })

    it('never takes plain http for a registry that speaks https', () => {
      expect(() => checkRealm('http://127.0.0.1/token', new URL('https://127.0.0.1/'))).to.throw(
        'not reached over https',
      )
      expect(() => checkRealm('http://r.example/token', new URL('https://r.example/'))).to.throw(
        'not reached over https',
      )
      expect(() => checkRealm('http://a.example/token', new URL('http://r.example/'))).to.throw(
        'not reached over https',
      )
    })
  })

  describe('of a registry at its realm', () => {
    const together: [string, string][] = [
      ['https://registry-1.docker.io', 'https://auth.docker.io/token'],
      ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
      ['https://ghcr.io', 'https://ghcr.io/token'],
      ['https://r.example:5000', 'https://r.example:5001/auth'],
      ['http://127.0.0.1:5000', 'http://127.0.0.1:5000/auth'],
      ['https://registry.example.org:5050', 'https://gitlab.example.org/jwt/auth'],
      ['https://registry.plant.example.co.uk', 'https://git.plant.example.co.uk/jwt/auth'],
      ['https://hub.example.co.uk', 'https://login.example.co.uk/token'],
      ['https://cr.institute.de', 'https://sso.institute.de:8443/token'],
    ]
    for (const [from, realm] of together)
      it(`belongs to ${realm} for ${from}`, () => {
        expect(belongsTogether(new URL(realm), new URL(from))).to.equal(true)
      })

    const apart: [string, string][] = [
      ['https://registry-1.docker.io', 'https://auth.docker.io.evil.example/token'],
      ['https://registry-1.docker.io', 'https://auth.docker.io:8443/token'],
      ['https://good.azurecr.io', 'https://evil.azurecr.io/token'],
      ['https://gitlab.com', 'https://registry.gitlab.com/'],
      ['https://notgitlab.com', 'https://gitlab.com/'],
      ['https://registry.com', 'https://com/'],
      ['https://registry.co.uk', 'https://gitlab.co.uk/jwt/auth'],
      ['https://registry.com.au', 'https://evil.com.au/'],
      ['https://registry.gouv.fr', 'https://evil.gouv.fr/'],
      ['https://mine.duckdns.org', 'https://evil.duckdns.org/'],
      ['https://mine.github.io', 'https://evil.github.io/'],
      ['https://1.dkr.ecr.eu-west-1.amazonaws.com', 'https://2.dkr.ecr.eu-west-1.amazonaws.com/'],
      ['https://registry.example.org', 'https://gitlab.example.org.evil.net/'],
      ['https://registry.example.org', 'https://a.gitlab.example.org/'],
      ['https://registry.example.org', 'http://gitlab.example.org/'],
      ['https://example.org', 'https://example.net/'],
      ['https://registry.local', 'https://gitlab.local/'],
      ['https://10.1.2.3', 'https://11.1.2.3/'],
      ['https://[2001:db8::1]', 'https://[2001:db8::2]/'],
      ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/auth'],
      ['http://127.0.0.1:5000', 'https://127.0.0.1:5001/auth'],
    ]
    for (const [from, realm] of apart)
      it(`does not belong to ${realm} for ${from}`, () => {
        expect(belongsTogether(new URL(realm), new URL(from))).to.equal(false)
      })
  })

  it('asks for the catalog with the scope that the registry names', async () => {
    registry.handler = (request, response) => {
      if (request.url.startsWith('/token')) return json(response, 200, { token: 't' })
      if (request.headers.authorization) return json(response, 200, { repositories: ['a', 'b/c', '../d', 7] })
      const value = `Bearer realm="${registry.origin}/token",scope="registry:catalog:*"`
      return json(response, 401, {}, { 'www-authenticate': value })
    }
    expect(await new RegistryTags(client()).repositories(registry.host, {})).to.deep.equal(['a', 'b/c'])
    const url = new URL(asked('/token')[0]?.url ?? '', registry.origin)
    expect(url.searchParams.get('scope')).to.equal('registry:catalog:*')
  })
})
