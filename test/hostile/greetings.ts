import { always, crawling, endless, type Lie, raw } from './lies.js'

/** A refusal with a challenge that is made of who is asked. */
const challenged =
  (challenge: string | ((host: string, elsewhere: string) => string)): Lie =>
  (request, response, honest, count) => {
    const { host = '' } = request.headers
    const text = typeof challenge === 'string' ? challenge : challenge(host, request.elsewhere)
    return always(401, '{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}', { 'www-authenticate': text })(
      request,
      response,
      honest,
      count,
    )
  }

/** Sent on to a place that may be made of who was asked. */
const sentOn =
  (status: number, location: (host: string, elsewhere: string) => string): Lie =>
  ({ headers, elsewhere }, response) =>
    void response.writeHead(status, { location: location(headers.host ?? '', elsewhere) }).end()

const PAGE = '<!doctype html><title>Sign in</title><form action="/v2/"><input name="password"></form>'

/** What a registry answers to `GET /v2/`, by which clients know that it is one, and how it wants to be asked. */
export const GREETINGS: Record<string, Lie> = {
  'a page of HTML': always(200, PAGE, { 'content-type': 'text/html' }),
  'a page of HTML of 5 MB': always(200, PAGE.padEnd(5_000_000, '<br>'), { 'content-type': 'text/html' }),
  'a page of HTML that is an error of 5 MB': always(500, PAGE.padEnd(5_000_000, '<br>')),
  'a page that nobody finds': always(404, PAGE, { 'content-type': 'text/html' }),
  'an error that steers a terminal': always(
    500,
    JSON.stringify({ errors: [{ code: '\u001b[2J', message: '\u202egood\u001b]0;x\u0007' }] }),
  ),
  'nothing at all': always(204, ''),
  'a body without an end': endless,
  'a refusal whose body has no end': ({ method, ...request }, response, honest, count) => {
    const write = response.writeHead.bind(response)
    response.writeHead = (() => write(401, { 'www-authenticate': 'Basic realm="x"' })) as never
    return endless({ method, ...request }, response, honest, count)
  },
  'a refusal without a challenge': always(401, '{}'),
  'a challenge without a realm': challenged('Bearer service="x",scope="registry:catalog:*"'),
  'a challenge with a realm that is empty': challenged('Bearer realm=""'),
  'a challenge with a realm of a file': challenged('Bearer realm="file:///etc/passwd",service="x"'),
  'a challenge with a realm of a script': challenged('Bearer realm="javascript:alert(1)"'),
  'a challenge with a realm on another host': challenged(
    (_, elsewhere) => `Bearer realm="http://${elsewhere}/token",service="x"`,
  ),
  'a challenge with a realm in the network behind': challenged(
    'Bearer realm="http://169.254.169.254/latest/meta-data/",service="x"',
  ),
  'a challenge with a realm that has a password': challenged(
    'Bearer realm="http://user:hunter2@127.0.0.1:9/token"',
  ),
  'a challenge with a realm that is itself': challenged((host) => `Bearer realm="http://${host}/v2/"`),
  'a challenge of many kinds': challenged(
    (_, elsewhere) =>
      `Negotiate YII=, Digest realm="x", qop="auth", Basic realm="a\\"b", Bearer realm="http://${elsewhere}/token", Bearer realm="file:///etc/passwd"`,
  ),
  'a challenge that says all twice': challenged(
    'Bearer realm="https://127.0.0.1:9/a",realm="file:///etc/passwd",service="x",service="y"',
  ),
  'a challenge without an end': challenged('Bearer realm="https://127.0.0.1:9/a\\'),
  'a challenge of commas and backslashes': challenged(`Bearer ${',='.repeat(3000)}"${'\\'.repeat(5000)}`),
  'a challenge of a thousand challenges': challenged('Bearer realm="x", '.repeat(700)),
  'a challenge that steers a terminal': challenged(
    'Bearer realm="http://\u009b2J/",service="\u009b2J\u0085x"',
  ),
  'a challenge in lines of its own': raw(
    `HTTP/1.1 401 No\r\n${'www-authenticate: Basic realm="x"\r\n'.repeat(300)}content-length: 0\r\n\r\n`,
  ),
  'a challenge of 5 MB': raw(
    `HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm="${'x'.repeat(5_000_000)}"\r\n\r\n`,
  ),
  'headers of 5 MB': raw(`HTTP/1.1 200 OK\r\n${`a: ${'x'.repeat(8000)}\r\n`.repeat(625)}\r\n`),
  'a way back to itself': sentOn(302, () => '/v2/'),
  'a circle of ways': sentOn(307, (host, elsewhere) => `http://${elsewhere}/back-to/${host}`),
  'the way to another host': sentOn(301, (_, elsewhere) => `http://${elsewhere}/v2/elsewhere`),
  'the way to a host that is not there': sentOn(301, () => 'http://127.0.0.1:9/v2/'),
  'the way into the network behind': sentOn(308, () => 'http://169.254.169.254/v2/'),
  'the way to a file': sentOn(301, () => 'file:///etc/passwd'),
  'the way to what is no URL': sentOn(301, () => 'http://[::1'),
}

/** Greetings that do not come, or of which no end is in sight for those who wait. */
export const SILENT_GREETINGS: Record<string, Lie> = {
  'nothing, for ever': () => undefined,
  'a byte now and then': crawling,
  'a connection that is cut': (_, response) => void response.socket?.destroy(),
  'half of an answer': (_, response) => {
    response.writeHead(200, { 'content-length': 5000 })
    response.write('{', () => response.destroy())
  },
  'something else than HTTP': raw('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'a status that is none': raw('HTTP/1.1 999999 \x1b[2J\r\n\r\n'),
  'the word to go on, again and again': raw('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50_000)),
  'an hour to wait': always(503, '{}', { 'retry-after': '3600' }),
}
