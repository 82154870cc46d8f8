import { expect } from 'chai'
import type { HttpAnswer, HttpRequest } from '../../../provider/registry/http.js'
import { type RedirectRules, sendFollowing } from '../../../provider/registry/redirects.js'
import type { Transport } from '../../../provider/registry/transport.js'
import { failure } from '../verbs/failure.js'

const SECRETS = { Authorization: 'Basic x', cookie: 'session=1', 'Proxy-Authorization': 'Basic y' }

describe('a request that is sent on', () => {
  let sent: HttpRequest[]
  let discarded: number

  beforeEach(() => {
    sent = []
    discarded = 0
  })

  /** A transport that leads from each place to the next, and answers at the end. */
  function leadingTo(...locations: (string | undefined)[]): Transport {
    return {
      isPrivate: (url: URL) => url.hostname === 'private.example',
      async send(request: HttpRequest): Promise<HttpAnswer> {
        sent.push(request)
        const isLast = sent.length > locations.length
        const location = locations[sent.length - 1]
        const body = { discard: async () => discarded++ }
        const headers = location === undefined ? {} : { location }
        return {
          status: isLast ? 200 : 307,
          headers,
          url: request.url,
          request,
          body,
        } as unknown as HttpAnswer
      },
    } as unknown as Transport
  }

  function follow(
    transport: Transport,
    more: Partial<HttpRequest> = {},
    rules: RedirectRules = { insecure: false },
  ): Promise<HttpAnswer> {
    const url = new URL('https://registry.example/v2/')
    return sendFollowing(transport, { method: 'GET', url, headers: {}, reach: 'anywhere', ...more }, rules)
  }

  it('takes nothing along that belongs to its origin, however it is spelled, and all else', async () => {
    const headers = { ...SECRETS, range: 'bytes=5-' }
    for (const place of ['https://cdn.example/x', 'https://registry.example:444/x', '//other.example/x']) {
      sent = []
      await follow(leadingTo(place), { headers })
      expect(sent[0]?.headers).to.deep.equal(headers)
      expect(sent[1]?.headers, place).to.deep.equal({ range: 'bytes=5-' })
    }
  })

  it('keeps it where it stays with its origin, and does not get it back on a way round', async () => {
    await follow(leadingTo('/other', 'https://cdn.example/x', 'https://registry.example/v2/'), {
      headers: SECRETS,
    })
    expect(sent.map((one) => Object.keys(one.headers).length)).to.deep.equal([3, 3, 0, 0])
  })

  it('goes to no place that holds a name, a password or both', async () => {
    for (const who of ['user', ':secret', 'user:secret']) {
      sent = []
      const error = await failure(follow(leadingTo(`https://${who}@cdn.example/`)), 'REDIRECT_REFUSED')
      expect(error.found).to.equal('credentials')
      expect(error.message).not.to.contain('secret')
      expect(sent).to.have.length(1)
    }
  })

  it('is one that reads: what changes something is not sent on', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      sent = []
      await failure(follow(leadingTo('/other'), { method }), 'REDIRECT_REFUSED')
      expect(sent, method).to.have.length(1)
    }
    sent = []
    expect((await follow(leadingTo('/other'), { method: 'HEAD' })).status).to.equal(200)
  })

  it('lets go of each answer on the way, and of none at the end', async () => {
    await follow(leadingTo('/1', '/2', '/3'))
    expect(discarded).to.equal(3)
  })

  it('says what was in the place of a URL', async () => {
    expect((await failure(follow(leadingTo(undefined)), 'REDIRECT_REFUSED')).found).to.equal('nothing')
    sent = []
    expect((await failure(follow(leadingTo('http://[')), 'REDIRECT_REFUSED')).found).to.contain('http://[')
  })

  it('follows five, and not the sixth', async () => {
    expect((await follow(leadingTo('/1', '/2', '/3', '/4', '/5'))).status).to.equal(200)
    sent = []
    await failure(follow(leadingTo('/1', '/2', '/3', '/4', '/5', '/6')), 'REDIRECT_REFUSED')
    expect(sent).to.have.length(6)
  })

  it('cannot lead from a public host into a private network, and may stay in one', async () => {
    await follow(leadingTo('https://cdn.example/x'))
    expect(sent[1]?.reach).to.equal('public')
    sent = []
    await follow(leadingTo('/x'), { url: new URL('https://private.example/') })
    expect(sent[1]?.reach).to.equal('anywhere')
  })

  it('goes to plain http only from plain http, and to another host only where that is allowed', async () => {
    const url = new URL('http://registry.example/')
    await failure(follow(leadingTo('http://cdn.example/'), { url }), 'REDIRECT_REFUSED')
    sent = []
    await follow(leadingTo('http://cdn.example/'), { url }, { insecure: true })
    sent = []
    await failure(follow(leadingTo('http://cdn.example/'), {}, { insecure: true }), 'REDIRECT_REFUSED')
  })
})
