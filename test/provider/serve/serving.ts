import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { serve } from '../../../provider/index.js'
import type { ServeRequest, ServeResult, ServingPlace } from '../../../provider/verbs/serve/request.js'

/** A registry of this process, on a free port. */
export interface RunningServer extends ServingPlace {
  /** What it said to the administrator. */
  notes: string[]
  logLines: string[]
  reload(): void
  stop(): Promise<ServeResult>
}

/** Serves with the library until `stop`. */
export async function startServing(request: ServeRequest): Promise<RunningServer> {
  const controller = new AbortController()
  const notes: string[] = []
  const logLines: string[] = []
  let reload = (): void => {}
  let ended: Promise<ServeResult> | undefined
  const place = await new Promise<ServingPlace>((resolve, reject) => {
    ended = serve({
      listen: '127.0.0.1:0',
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
      onLogLine: (line) => logLines.push(line),
      onListening: resolve,
      onReload: (given) => {
        reload = given
      },
      ...request,
    })
    ended.catch(reject)
  })
  return {
    ...place,
    notes,
    logLines,
    reload: () => reload(),
    async stop() {
      controller.abort()
      return await (ended as Promise<ServeResult>)
    },
  }
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
  /** The connection broke before the body was whole. */
  isBroken: boolean
}

/** One request on a connection of its own; the path is sent as it is. */
export function ask(
  { url }: { url: string },
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port, protocol } = new URL(url)
  const module = protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers, agent: false, rejectUnauthorized: false }
    const request = module.request(options, (response) => {
      const parts: Buffer[] = []
      const end = (isBroken: boolean): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
          isBroken,
        })
      response.on('data', (chunk: Buffer) => parts.push(chunk))
      response.on('end', () => end(!response.complete))
      response.on('error', () => end(true))
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** The code of an error body (distribution-spec, "Error Codes"). */
export function codeOf({ body }: Answer): string {
  return JSON.parse(body.toString('utf8')).errors[0].code
}
