import type { ServerResponse } from 'node:http'
import { MEDIA_TYPES } from '../../manifests/index.js'
import type { Seen } from '../provider/registry/faulty-server.js'

/** What was asked, and another host that is none of the registry's. */
export interface Asked extends Seen {
  elsewhere: string
}

/** What a registry answers in the place of an honest one. */
export type Lie = (request: Asked, response: ServerResponse, honest: () => unknown, count: number) => unknown

export const isAbout = (kind: string, { url }: Seen): boolean => url.includes(`/${kind}/`)
/** The honest answer, but for some of its headers. */
export const withHeaders =
  (headers: Record<string, string>, kind = ''): Lie =>
  (request, response, honest) => {
    if (kind !== '' && !isAbout(kind, request)) return honest()
    const write = response.writeHead.bind(response)
    response.writeHead = ((status: number, own: object) => write(status, { ...own, ...headers })) as never
    return honest()
  }

/** For everything, the same body. */
export const always =
  (status: number, body: Buffer | string, headers: Record<string, string> = {}): Lie =>
  ({ method }, response) =>
    void response.writeHead(status, headers).end(method === 'HEAD' ? undefined : body)

/** Bytes that belong to no HTTP, in the place of an answer. */
export const raw =
  (bytes: string): Lie =>
  (_, response) =>
    void response.socket?.end(Buffer.from(bytes, 'latin1'))

export const endless: Lie = ({ method }, response) => {
  response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest })
  if (method === 'HEAD') return response.end()
  const piece = Buffer.alloc(256 * 1024, '[')
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  return more()
}

export const crawling: Lie = (_, response) => {
  response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest })
  const timer = setInterval(() => response.write(' '), 50)
  response.on('close', () => clearInterval(timer))
}

export const redirected = (location: string, kind?: string): Lie =>
  kind === undefined
    ? always(307, '', { location })
    : (request, response, honest) =>
        isAbout(kind, request) ? void response.writeHead(307, { location }).end() : honest()
