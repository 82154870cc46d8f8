import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { CommonOptions, NetworkOptions } from '../../../provider/index.js'
import { sendError } from './answer.js'
import { HEADERS } from './headers.js'

/** One file of one image. */
export interface Wanted {
  name: string
  platform: string | undefined
  path: string
}

/** How long a ticket is valid: the page uses it at once. */
const GOOD_MS = 60_000
const MOST = 100

/**
 * Tickets for files that the browser fetches itself, so that it writes them as they arrive: it cannot be told to send
 * the header with the token then. Each is valid once, and for a minute.
 */
export class Downloads {
  private readonly tickets = new Map<string, { wanted: Wanted; until: number }>()

  /** @returns the path to go to */
  ticket(wanted: Wanted): string {
    const oldest = this.tickets.keys().next().value
    if (this.tickets.size >= MOST && oldest !== undefined) this.tickets.delete(oldest)
    const ticket = randomBytes(24).toString('base64url')
    this.tickets.set(ticket, { wanted, until: Date.now() + GOOD_MS })
    return `/download/${ticket}`
  }

  /** @returns whether there is such a ticket */
  async send(
    ticket: string,
    common: CommonOptions & NetworkOptions,
    response: ServerResponse,
  ): Promise<boolean> {
    const found = this.tickets.get(ticket)
    this.tickets.delete(ticket)
    if (!found || found.until < Date.now()) return false
    const { name, platform, path: file } = found.wanted
    const library = await import('../../../provider/index.js')
    try {
      await library.takeFile({
        ...{ ...common, name, platform, path: file, output: '-' },
        stdout: async (bytes) => {
          response.writeHead(200, { ...HEADERS, ...attachment(file) })
          await pipeline(copied(bytes), response, { signal: common.signal })
        },
      })
    } catch (error) {
      // A file that turns out to be damaged must not look complete.
      if (response.headersSent) response.destroy()
      else sendError(response, error)
    }
    return true
  }
}

/** A chunk is valid only until the next one is asked for, but a response keeps what it has not sent yet. */
async function* copied(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  for await (const chunk of bytes) yield Buffer.from(chunk)
}

/** Whatever is in it, it is a file to be kept, and not to be shown (RFC 6266, RFC 8187). */
function attachment(file: string): Record<string, string> {
  const name = encodeURIComponent(path.posix.basename(file).replace(/\p{Cs}/gu, '\ufffd')).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${name}`,
  }
}
