import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { ContainerImageError } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions } from '../../../provider/index.js'
import { Downloads } from './downloads.js'
import { Jobs } from './jobs.js'
import { answer, type Window } from './route.js'
import { Uploads } from './uploads.js'

export interface WindowOptions {
  /** What every verb gets. */
  common: CommonOptions & NetworkOptions
  allowsChanges: boolean
  /** Default: a free one. */
  port?: number | undefined
  /** How long a request may take to arrive, in milliseconds; default: 15 s. */
  patienceMs?: number | undefined
}

export interface OpenedWindow {
  /** With the token in its fragment, which browsers never send. */
  address: string
  /** Cancels what is running, and closes every connection. */
  close(): Promise<void>
}

const PATIENCE_MS = 15_000
/** A browser opens six; any more belong to strangers who hold them open. */
const MOST_CONNECTIONS = 64
const TOKEN_BYTES = 32

/**
 * Listens on this machine only, for whoever has the token.
 * @throws ADDRESS_IN_USE
 */
export async function openWindow(options: WindowOptions): Promise<OpenedWindow> {
  const { patienceMs = PATIENCE_MS, allowsChanges, common } = options
  const door = { host: '', token: randomBytes(TOKEN_BYTES).toString('base64url') }
  const window: Window = {
    ...{ door, common, allowsChanges, patienceMs },
    jobs: new Jobs(),
    uploads: new Uploads(),
    downloads: new Downloads(),
  }
  const answers = new Set<Promise<void>>()
  const server = http.createServer(
    {
      headersTimeout: patienceMs,
      // Bodies have limits of their own: a large file may take an hour to arrive.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(1000, patienceMs),
      keepAliveTimeout: 5000,
    },
    (request, response) => {
      const one = answer(window, request, response).finally(() => answers.delete(one))
      answers.add(one)
    },
  )
  server.maxConnections = MOST_CONNECTIONS
  door.host = await listen(server, options.port ?? 0)
  return {
    address: `http://${door.host}/#token=${door.token}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await window.jobs.stop()
      server.closeAllConnections()
      // Anything that arrives before that would be left behind.
      await Promise.all(answers)
      await window.uploads.discardAll()
      await closed
    },
  }
}

/** @returns the host as browsers name it; IPv6 if this machine has nothing else */
async function listen(server: http.Server, port: number): Promise<string> {
  try {
    return `127.0.0.1:${await listening(server, port, '127.0.0.1')}`
  } catch (error) {
    if (isCoded(error, 'EADDRNOTAVAIL')) return `[::1]:${await listening(server, port, '::1')}`
    if (!isCoded(error, 'EADDRINUSE')) throw error
    throw new ContainerImageError('ADDRESS_IN_USE', `Another program listens on port ${port}.`, {
      cause: error,
      remedy: 'Leave out --port to get a free one.',
    })
  }
}

async function listening(server: http.Server, port: number, host: string): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}
