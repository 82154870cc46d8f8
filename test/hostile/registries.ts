import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestOf, MEDIA_TYPES } from '../../manifests/index.js'
import { run } from '../cli/command/run.js'
import { type Handler, json, type Seen, startFaultyServer } from '../provider/registry/faulty-server.js'
import { Repository, SBOM } from '../provider/registry/repository.js'
import { GREETINGS, SILENT_GREETINGS } from './greetings.js'
import type { HostileInput } from './input.js'
import { always, crawling, endless, isAbout, type Lie, raw, redirected, withHeaders } from './lies.js'
import { HOSTILE_TEXTS } from './texts.js'

/** The repository that every registry here has; whatever else is asked for has nothing to do with it. */
export const REPOSITORY = 'evil/image'
/** The file of a set that was locked while the registry was still an honest one. */
export const SET = 'site.yaml'

/** Long enough for any answer that comes, and short for those that do not. */
const IMPATIENT = 300

const ZEROS = `sha256:${'0'.repeat(64)}`

const NEVER: Record<string, Lie> = {
  'answers byte by byte': crawling,
  'never answers': () => undefined,
  'is busy for ever': always(503, '{}'),
  'hangs up': (_, response) => void response.socket?.destroy(),
  'sends less than it says': (_, response) => {
    response.writeHead(200, { 'content-length': 5000, 'content-type': MEDIA_TYPES.ociManifest })
    response.write('{', () => response.destroy())
  },
  'speaks something else': raw('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'sends a head without an end': raw(`HTTP/1.1 200 OK\r\n${'x-filler: '.padEnd(4000, 'x')}\r\n`.repeat(1)),
  'sends megabytes of headers': raw(`HTTP/1.1 200 OK\r\n${`a: ${'x'.repeat(8000)}\r\n`.repeat(200)}\r\n`),
  'gives its length twice': raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}'),
  'gives a length below nothing': raw('HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}'),
  'gives a chunk of another size': raw(
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffff\r\n{}',
  ),
  'has a status that is none': raw('HTTP/1.1 999999 \x1b[2J\r\n\r\n'),
}

const LIES: Record<string, Lie> = {
  'answers with a page of HTML': always(
    200,
    '<!doctype html><title>Sign in</title><script>alert(1)</script>',
    {
      'content-type': 'text/html',
    },
  ),
  'answers with nothing': always(200, ''),
  'answers with brackets alone': always(200, '['.repeat(2_000_000)),
  'answers with null': always(200, 'null', { 'content-type': 'application/json' }),
  'answers with objects in place of lists': always(
    200,
    '{"tags":{"length":9},"repositories":{"0":"a"},"manifests":"x","layers":5,"errors":{"0":1}}',
    { 'content-type': MEDIA_TYPES.ociManifest },
  ),
  'has a body without an end': endless,
  'redirects to itself': redirected('/v2/evil/image/manifests/1.0'),
  'redirects to a file': redirected('file:///etc/passwd'),
  'redirects into the network behind': redirected('http://169.254.169.254/latest/meta-data/'),
  'redirects with a password': redirected('http://user:hunter2@127.0.0.1:9/x?sig=hunter2'),
  'redirects nowhere': always(302, ''),
  'redirects to what is no URL': redirected('http://[::1'),
  'redirects blobs to a program': redirected('javascript:alert(1)', 'blobs'),
  'says that every blob is elsewhere': redirected('https://127.0.0.1:9/x', 'blobs'),
  'asks to wait for years': always(429, '{}', { 'retry-after': '99999999999' }),
  'asks for credentials again and again': always(401, '{}', { 'www-authenticate': 'Basic realm="x"' }),
  'asks for a token from a file': always(401, '{}', {
    'www-authenticate': 'Bearer realm="file:///etc/passwd"',
  }),
  'asks for a token from another host': always(401, '{}', {
    'www-authenticate': 'Bearer realm="http://169.254.169.254/token",service="x"',
  }),
  'has a token that is none': (request, response) =>
    request.url.startsWith('/token')
      ? json(response, 200, { token: 'a\r\nx-evil: 1\u001b[2J', expires_in: -1 })
      : always(401, '{}', {
          'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="x"`,
        })(request, response, () => {}, 0),
  'lies in Docker-Content-Digest': withHeaders({ 'docker-content-digest': ZEROS }),
  'has a path for a Docker-Content-Digest': withHeaders({
    'docker-content-digest': 'sha256:../../../etc/passwd',
  }),
  'has a Content-Type without an end': withHeaders({ 'content-type': `application/${'x'.repeat(4096)}` }),
  'has one-byte escapes for a Content-Type': withHeaders({ 'content-type': 'a\u009b2Jb' }),
  'says that all is gzip': withHeaders({ 'content-encoding': 'gzip' }),
  'says that all is of no known encoding': withHeaders({ 'content-encoding': 'x'.repeat(300) }),
  'sends zeros that were packed': always(200, gzipSync(Buffer.alloc(64 * 1024 * 1024)), {
    'content-encoding': 'gzip',
    'content-type': MEDIA_TYPES.ociManifest,
  }),
  'has ranges that are none': withHeaders({ 'content-range': 'bytes 9-1/0', 'accept-ranges': 'bytes' }),
  'sends other bytes for every blob': (request, response, honest) => {
    if (!isAbout('blobs', request)) return honest()
    const end = response.end.bind(response)
    response.end = ((bytes?: Buffer) => end(bytes && Buffer.alloc(bytes.length, 'x'))) as never
    return honest()
  },
  'sends more than a digest names': (request, response, honest) => {
    if (!isAbout('blobs', request) || request.method !== 'GET') return honest()
    response.writeHead(200)
    return response.end(Buffer.alloc(3_000_000))
  },
  'has always another page': ({ url, headers }, response, honest, count) => {
    if (!/tags\/list|_catalog/.test(url)) return honest()
    const names = Array.from({ length: 20_000 }, (_, i) => `t${i}.${'y'.repeat(90)}`)
    const next = `<http://${headers.host}${url.split('?')[0]}?last=${count}${Math.random()}>; rel="next"`
    return json(response, 200, { tags: names, repositories: names }, { link: next })
  },
  'has a next page elsewhere': withHeaders({ link: '<http://169.254.169.254/x>; rel="next"' }),
  'has itself for a next page': (request, response, honest) =>
    withHeaders({ link: `<${request.url}>; rel="next"` })(request, response, honest, 0),
  'has every blob before it comes': (request, response, honest) =>
    request.method === 'HEAD' ? void response.writeHead(200, { 'content-length': 1 }).end() : honest(),
  'takes uploads elsewhere': (request, response, honest) =>
    request.method === 'POST'
      ? void response.writeHead(202, { location: 'http://169.254.169.254/upload' }).end()
      : honest(),
  'takes uploads into a file': (request, response, honest) =>
    request.method === 'POST'
      ? void response.writeHead(202, { location: 'file:///etc/passwd' }).end()
      : honest(),
  'has uploads without a place': (request, response, honest) =>
    request.method === 'POST' ? void response.writeHead(202).end() : honest(),
  'has taken more than was sent': (request, response, honest) =>
    ['POST', 'PATCH'].includes(request.method)
      ? void response
          .writeHead(202, { location: '/v2/evil/image/blobs/uploads/1', range: '0-999999999999' })
          .end()
      : honest(),
  'has stored another manifest': (request, response, honest) =>
    request.method === 'PUT' && isAbout('manifests', request)
      ? void response.writeHead(201, { 'docker-content-digest': ZEROS }).end()
      : honest(),
}

/** Descriptors that say what none may, in the manifest of an image whose bytes fit its digest. */
const DESCRIPTORS: Record<string, object> = {
  'a digest that is a path': { digest: 'sha256:../../../../etc/passwd' },
  'a size below nothing': { size: -1 },
  'a size beyond all disks': { size: 9_007_199_254_740_991 },
  'a size that is no number': { size: '12' },
  'a smaller size than its bytes have': { size: 3 },
  'URLs of files': { urls: ['file:///etc/passwd'], mediaType: MEDIA_TYPES.dockerForeignLayer },
  'URLs of the network behind': {
    urls: ['http://169.254.169.254/'],
    mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  },
  'other bytes within it': { data: Buffer.from('other').toString('base64') },
  'a prototype': JSON.parse('{"__proto__":{"size":1},"constructor":5}') as object,
}

interface Offered {
  lie?: Lie
  /** Answers `/v2/`, by which a registry is known; all else is honest, or lies in its own way. */
  greeting?: Lie
  patience?: number
  /** Adds what is hostile in itself to the repository of an image that is none of it. */
  fill?(repository: Repository): void
}

function registry(what: string, { lie, greeting, patience, fill }: Offered): HostileInput {
  return {
    what: `a registry that ${what}`,
    takenAs: 'registry',
    patience,
    async make(place, atEnd) {
      const repository = new Repository()
      repository.index([repository.image('amd64')], '1.0', 'latest')
      let lies = false
      const honest: Handler = (request, response) => {
        const [, below] = /^\/v2\/evil\/[a-z]+\/(.*)$/.exec(request.url) ?? []
        if (request.url.startsWith('/v2/_catalog'))
          return json(response, 200, { repositories: [REPOSITORY, ...repositories] })
        if (below === undefined) return json(response, 404, {})
        if (/^(POST|PATCH|PUT)$/.test(request.method)) return taken(repository, below, request, response)
        return repository.answer(below, request, response)
      }
      const repositories = fill ? Object.values(HOSTILE_TEXTS) : []
      const elsewhere = await startFaultyServer(({ url }, response) => {
        const [, back] = /^\/back-to\/(.+)$/.exec(url) ?? []
        if (back === undefined) return json(response, 200, {})
        return void response.writeHead(307, { location: `http://${back}/v2/` }).end()
      })
      atEnd(async () => {
        await elsewhere.stop()
        const told = elsewhere.seen.find(({ headers }) => headers.authorization !== undefined)
        if (told) throw new Error(`credentials went to another host: ${told.method} ${told.url}`)
      })
      const server = await startFaultyServer((request, response, count) => {
        const answer = (): unknown => honest(request, response, count)
        return lies && lie
          ? lie({ ...request, elsewhere: elsewhere.host }, response, answer, count)
          : answer()
      })
      atEnd(() => server.stop())
      const file = path.join(place, SET)
      writeFileSync(file, `images:\n  - ${server.host}/${REPOSITORY}:1.0\n`)
      const { code, err } = await run(['set', 'update', file])
      if (code !== 0) throw new Error(`an honest registry is refused: ${err}`)
      lies = true
      if (greeting)
        server.greeting = (request, response, count) =>
          greeting({ ...request, elsewhere: elsewhere.host }, response, () => response.end('{}'), count)
      fill?.(repository)
      return server.host
    },
  }
}

/** What is pushed, as an honest registry takes it. */
function taken(
  repository: Repository,
  below: string,
  { method, url, body }: Seen,
  response: ServerResponse,
): void {
  const [, digest = ''] = /[?&]digest=([^&]+)/.exec(url) ?? []
  if (method === 'PUT' && below.startsWith('manifests/')) {
    const bytes = Buffer.from(body)
    const { mediaType } = JSON.parse(body) as { mediaType: string }
    repository.manifests.set(digestOf(bytes), { type: mediaType, bytes })
    repository.tags.set(below.slice('manifests/'.length), digestOf(bytes))
  } else if (digest !== '') repository.blobs.set(decodeURIComponent(digest), Buffer.from(body))
  response.writeHead(method === 'PUT' ? 201 : 202, { location: '/v2/evil/image/blobs/uploads/1' }).end()
}

/** A text wherever a registry may put one. */
function withText(what: string, text: string): HostileInput[] {
  const said = { errors: [{ code: text, message: text, detail: { [text]: text } }] }
  return [
    registry(`has errors with ${what}`, { lie: (_, response) => json(response, 400, said) }),
    registry(`has tags with ${what}`, {
      lie: (request, response, honest) =>
        isAbout('tags', request) ? json(response, 200, { name: text, tags: ['1.0', text] }) : honest(),
    }),
    registry(`asks for credentials with ${what}`, {
      lie: always(401, JSON.stringify(said), {
        'www-authenticate': `Bearer realm="${encodeURI(toWellFormed(text))}",service="${text.replaceAll(/[^ -\xff]|[\x7f-\x9f]/g, '?')}"`,
      }),
    }),
    registry(`has an image with ${what}`, {
      fill(repository) {
        const layer = repository.blob('no tar at all', MEDIA_TYPES.ociLayer)
        const config = repository.blob(
          JSON.stringify({
            ...{ os: text, architecture: text, author: text, created: text, variant: text },
            config: { Labels: { [text]: text }, Env: [text], Cmd: [text], Entrypoint: [text] },
            rootfs: { type: 'layers', diff_ids: [layer.digest] },
            history: [{ created: text, created_by: text, comment: text }],
          }),
          MEDIA_TYPES.ociConfig,
        )
        const annotations = { [text]: text, 'org.opencontainers.image.ref.name': text }
        const described = { ...layer, annotations }
        const image = repository.manifest({
          ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest },
          ...{ config, layers: [described], annotations },
        })
        const platform = { os: text, architecture: text, 'os.version': text }
        const index = repository.manifest(
          {
            ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, annotations },
            manifests: [{ ...image, platform, annotations }],
          },
          '1.0',
        )
        repository.manifest({
          ...{ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, artifactType: text, annotations },
          ...{ config: repository.blob('{}', text), layers: [repository.blob('x', SBOM)], subject: index },
        })
      },
    }),
  ]
}

/** Half of a character becomes a whole one. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString()
}

const descriptors = Object.entries(DESCRIPTORS).map(([what, wrong]) =>
  registry(`has a descriptor with ${what}`, {
    fill(repository) {
      const layer = { ...repository.blob('a layer', MEDIA_TYPES.ociLayer), ...wrong }
      const config = repository.blob(
        JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [ZEROS] } }),
        MEDIA_TYPES.ociConfig,
      )
      const parts = { config, layers: [layer] }
      repository.manifest({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, ...parts }, '1.0')
    },
  }),
)

export const REGISTRIES: HostileInput[] = [
  ...Object.entries(LIES).map(([what, lie]) => registry(what, { lie })),
  ...Object.entries(NEVER).map(([what, lie]) => registry(what, { lie, patience: IMPATIENT })),
  ...Object.entries(GREETINGS).map(([what, greeting]) => registry(`greets with ${what}`, { greeting })),
  // As most do that ask for credentials at all: for everything, in the same words.
  ...Object.entries(GREETINGS)
    .filter(([what]) => what.startsWith('a challenge'))
    .map(([what, lie]) => registry(`answers everything with ${what}`, { greeting: lie, lie })),
  ...Object.entries(SILENT_GREETINGS).map(([what, greeting]) =>
    registry(`greets with ${what}`, { greeting, patience: IMPATIENT }),
  ),
  ...descriptors,
  ...Object.entries(HOSTILE_TEXTS).flatMap(([what, text]) => withText(what, text)),
]
