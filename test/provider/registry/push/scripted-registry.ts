import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { digestOf } from '../../../../manifests/index.js'

/** One request as it came, with as much of its body as arrived. */
export interface Came {
  method: string
  /** Path and query, the session's number as `N`. */
  url: string
  headers: http.IncomingHttpHeaders
  bytes: number
}

/** What the registry does otherwise than usual. */
export interface Script {
  /** The connection is cut when so many bytes of an upload's body have come; once for each number. */
  cuts?: number[]
  /** Nothing of a body that was cut is kept. */
  forgets?: boolean
  /** The blob is taken, and the connection is cut before the answer; once. */
  swallowsAnswer?: boolean
  mount?: 'done' | 'ignored' | 'unauthorized'
  leastPiece?: number
  /** Pieces are refused with this status. */
  refusesPieces?: number
  /** A piece is refused with 416 though it is the right one; once. */
  unsatisfied?: boolean
  /** Where uploads go on, given the path: absolute, on another host. */
  location?: (path: string) => string
  /** Every writing request gets this answer. */
  answer?: { status: number; code?: string; message?: string }
  referrersApi?: boolean
  /** What the referrers API answers. */
  referrers?: { status: number; body?: string }
  /** Says OCI-Subject when a manifest has a subject. */
  entersSubjects?: boolean
  /** Wants a user and a password. */
  wantsBasic?: boolean
  /** Changes the digest that a manifest is read back with. */
  wrongDigest?: string
  /** Tells no digest of manifests. */
  silentDigest?: boolean
  /** Every HEAD gets this status: 405 of a proxy that knows none, 404 of one that lies. */
  headStatus?: number
  /** So many manifests are refused as a blob of theirs is lost, which then really is. */
  losesBlobs?: number
  /** So many manifests are refused with these codes, whatever the registry has. */
  refusesManifests?: { times: number; codes: string[] }
  /** Says by HEAD that it has every blob, whether or not it has. */
  claimsBlobs?: boolean
}

/** A registry in memory that follows a script, for what docker-registry does not show. */
export interface ScriptedRegistry {
  host: string
  script: Script
  came: Came[]
  blobs: Map<string, Buffer>
  /** Manifests by tag and by digest. */
  manifests: Map<string, { type: string; bytes: Buffer }>
  stop(): Promise<void>
}

export async function startScriptedRegistry(): Promise<ScriptedRegistry> {
  const came: Came[] = []
  const registry = { host: '', script: {} as Script, came, blobs: new Map(), manifests: new Map() }
  const sessions = new Map<string, Buffer>()
  let made = 0

  const server = http.createServer(async (request, response) => {
    const { method = '', url = '' } = request
    if (url === '/v2/') return void response.end('{}')
    const entry = {
      method,
      url: url.replace(/uploads\/\d+/, 'uploads/N'),
      headers: request.headers,
      bytes: 0,
    }
    came.push(entry)
    const session = /uploads\/(\d+)/.exec(url)?.[1]
    const body = await taken(request, entry, session)
    if (body) answer(method, url, session, body, request.headers, response)
  })

  /** The body; undefined where the connection was cut. */
  async function taken(request: http.IncomingMessage, entry: Came, session: string | undefined) {
    const chunks: Buffer[] = []
    const cutAfter = session === undefined ? undefined : registry.script.cuts?.[0]
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        entry.bytes += chunk.length
        if (session !== undefined && cutAfter !== undefined && entry.bytes >= cutAfter) {
          registry.script.cuts?.shift()
          keep(session, Buffer.concat(chunks))
          request.socket.destroy()
          return undefined
        }
      }
    } catch {
      return undefined
    }
    return Buffer.concat(chunks)
  }

  function keep(session: string, bytes: Buffer): void {
    if (registry.script.forgets) sessions.delete(session)
    else sessions.set(session, Buffer.concat([sessions.get(session) ?? Buffer.alloc(0), bytes]))
  }

  function place(session: string): string {
    const path = `/v2/base/image/blobs/uploads/${session}?_state=a%2Fb%3D`
    return registry.script.location?.(path) ?? path
  }

  function answer(
    method: string,
    url: string,
    session: string | undefined,
    body: Buffer,
    headers: http.IncomingHttpHeaders,
    response: http.ServerResponse,
  ): undefined {
    const { script, blobs } = registry
    const end = (status: number, more: http.OutgoingHttpHeaders = {}): undefined => {
      response.writeHead(status, { 'content-length': 0, ...more }).end()
    }
    if (script.wantsBasic && headers.authorization === undefined)
      return end(401, { 'www-authenticate': 'Basic realm="test"' })
    if (script.answer && method !== 'GET' && method !== 'HEAD') {
      const { status, code = '', message = '' } = script.answer
      const text = JSON.stringify({ errors: [{ code, message }] })
      response.writeHead(status, { 'content-length': text.length }).end(text)
      return undefined
    }
    if (method === 'HEAD' && script.headStatus !== undefined) return end(script.headStatus)
    const blob = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(url)?.[1]
    if (blob && script.claimsBlobs) return end(200)
    if (blob) return end(blobs.has(blob) ? 200 : 404, { 'content-length': blobs.get(blob)?.length ?? 0 })
    if (/\/manifests\//.test(url)) return manifest(method, url, body, headers, response)
    if (/\/referrers\//.test(url) && script.referrers) {
      const { status, body = '' } = script.referrers
      return void response.writeHead(status, { 'content-length': body.length }).end(body)
    }
    if (/\/referrers\//.test(url)) return end(script.referrersApi ? 200 : 404)
    if (method === 'POST') return begin(url, end)
    const bytes = sessions.get(session ?? '')
    if (bytes === undefined || session === undefined) return end(404)
    if (method === 'DELETE') return end(sessions.delete(session) ? 204 : 404)
    if (method === 'GET')
      return end(204, { location: place(session), range: `0-${Math.max(0, bytes.length - 1)}` })
    if (method === 'PATCH') return piece(session, bytes, body, headers, end)
    finish(
      session,
      Buffer.concat([bytes, body]),
      new URL(url, 'http://x').searchParams.get('digest') ?? '',
      end,
    )
    if (script.swallowsAnswer) {
      delete script.swallowsAnswer
      response.socket?.destroy()
    }
  }

  type End = (status: number, more?: http.OutgoingHttpHeaders) => undefined

  function begin(url: string, end: End): undefined {
    const { mount, leastPiece } = registry.script
    const mounted = /mount=([^&]+)/.exec(url)?.[1]
    if (mounted && mount === 'unauthorized') return end(401)
    if (mounted && mount === 'done') return end(201, { location: `/v2/base/image/blobs/${mounted}` })
    const session = String(++made)
    sessions.set(session, Buffer.alloc(0))
    const least = leastPiece === undefined ? {} : { 'oci-chunk-min-length': String(leastPiece) }
    end(202, { location: place(session), range: '0-0', ...least })
  }

  function piece(
    session: string,
    bytes: Buffer,
    body: Buffer,
    headers: http.IncomingHttpHeaders,
    end: End,
  ): undefined {
    const { script } = registry
    if (script.refusesPieces) return end(script.refusesPieces)
    if (
      script.unsatisfied ||
      headers['content-range'] !== `${bytes.length}-${bytes.length + body.length - 1}`
    ) {
      delete script.unsatisfied
      return end(416, { location: place(session), range: `0-${bytes.length - 1}` })
    }
    const whole = Buffer.concat([bytes, body])
    sessions.set(session, whole)
    end(202, { location: place(session), range: `0-${whole.length - 1}` })
  }

  function finish(session: string, whole: Buffer, digest: string, end: End): undefined {
    sessions.delete(session)
    if (digestOf(whole) !== digest) return end(400)
    registry.blobs.set(digest, whole)
    if (!registry.script.swallowsAnswer) end(201, { location: `/v2/base/image/blobs/${digest}` })
  }

  function manifest(
    method: string,
    url: string,
    body: Buffer,
    headers: http.IncomingHttpHeaders,
    response: http.ServerResponse,
  ): undefined {
    const { script, manifests } = registry
    const name = url.split('/').at(-1) ?? ''
    const codes = method === 'PUT' ? refusesManifest(body) : undefined
    if (codes) {
      const text = JSON.stringify({ errors: codes.map((code) => ({ code, message: 'refused' })) })
      response.writeHead(400, { 'content-length': text.length }).end(text)
      return undefined
    }
    if (method === 'PUT') {
      const one = { type: headers['content-type'] ?? '', bytes: body }
      manifests.set(name, one).set(digestOf(body), one)
      const subject = script.entersSubjects
        ? { 'oci-subject': JSON.parse(body.toString()).subject?.digest }
        : {}
      response.writeHead(201, { 'content-length': 0, ...subject }).end()
      return undefined
    }
    const found = manifests.get(name)
    if (!found) {
      response.writeHead(404, { 'content-length': 0 }).end()
      return undefined
    }
    const digest = script.silentDigest
      ? {}
      : { 'docker-content-digest': script.wrongDigest ?? digestOf(found.bytes) }
    response.writeHead(200, { 'content-type': found.type, 'content-length': found.bytes.length, ...digest })
    response.end(method === 'HEAD' ? undefined : found.bytes)
  }

  /** Only where the script says something of blobs that are lost. */
  function refusesManifest(body: Buffer): string[] | undefined {
    const { refusesManifests: refused } = registry.script
    if (refused && refused.times-- > 0) return refused.codes
    return isWithoutBlob(body) ? ['MANIFEST_BLOB_UNKNOWN'] : undefined
  }

  function isWithoutBlob(body: Buffer): boolean {
    const { script, blobs } = registry
    if (script.losesBlobs === undefined && !script.claimsBlobs) return false
    const { config, layers = [] } = JSON.parse(body.toString())
    if (script.losesBlobs) {
      script.losesBlobs--
      blobs.delete(config?.digest)
    }
    return [config, ...layers].some((one) => one && !blobs.has(one.digest))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...registry,
    get script() {
      return registry.script
    },
    set script(script: Script) {
      registry.script = script
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
