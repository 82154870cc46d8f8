import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  /** Path and query. */
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}

/** A server that does what its handler says, right or wrong. */
export interface FaultyServer {
  /** 127.0.0.1:port */
  host: string
  origin: string
  /** Every request, in the order in which they came, but the greeting of `/v2/`. May be emptied. */
  seen: Seen[]
  /** May be replaced at any time. */
  handler: Handler
  /** Answers `/v2/`, where that is not to be an honest greeting. */
  greeting?: Handler
  stop(): Promise<void>
}

/** @param count how many requests of this method and URL are in `seen` before this one */
export type Handler = (request: Seen, response: http.ServerResponse, count: number) => unknown

export async function startFaultyServer(
  handler: Handler,
  tls?: { key: string; cert: string },
): Promise<FaultyServer> {
  const seen: Seen[] = []
  let greetings = 0
  const listener = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { method = '', url = '', headers } = request
    if (url === '/v2/' && !server.greeting) return void response.end('{}')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const entry = { method, url, headers, body: Buffer.concat(chunks).toString() }
    if (url === '/v2/' && server.greeting) return void (await server.greeting(entry, response, greetings++))
    const before = seen.filter((other) => other.method === method && other.url === url)
    seen.push(entry)
    await server.handler(entry, response, before.length)
  }
  const listening = tls ? https.createServer(tls, listener) : http.createServer(listener)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  const server: FaultyServer = {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    seen,
    handler,
    stop: () =>
      new Promise((resolve) => {
        listening.close(() => resolve())
        listening.closeAllConnections()
      }),
  }
  return server
}

/** Answers with JSON. */
export function json(
  response: http.ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): undefined {
  const bytes = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}

/** Answers with bytes, from the offset that Range asks for. */
export function serve(request: Seen, response: http.ServerResponse, bytes: Buffer): undefined {
  const from = rangeStart(request)
  const part = bytes.subarray(from ?? 0)
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': part.length,
    ...(from === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  })
  response.end(part)
}

/** The offset of `Range: bytes=N-`. */
export function rangeStart(request: Seen): number | undefined {
  const match = /^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')
  return match ? Number(match[1]) : undefined
}
