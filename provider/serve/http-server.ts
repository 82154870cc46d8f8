import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { ContainerImageError, option } from '../../manifests/index.js'
import { readUserFile } from '../io/files/read-user-file.js'
import { fromSystem } from '../io/files/system-errors.js'
import { formatListenAddress, type ListenAddress } from './listen-address.js'

export interface TlsFiles {
  /** PEM files: the certificate with those between it and its authority, and its key. */
  cert: string
  key: string
}

export interface HttpServerOptions {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  tls?: TlsFiles
  /** Told of connections that open and close. */
  connections(change: 1 | -1): void
  limits?: Partial<TimeLimits>
}

/** In milliseconds. */
export interface TimeLimits {
  /**
   * A client that takes longer to send a request's headers wants to occupy a connection (the class of
   * Slowloris).
   */
  headersMs: number
  /** How often to check for clients that are too late. */
  checkMs: number
}

const LIMITS: TimeLimits = { headersMs: 10_000, checkMs: 2000 }

/** All of a request's headers, in bytes; credentials and what proxies add need less than half of it. */
const HEADER_BYTES = 16 * 1024
const REQUEST_MS = 30_000
const KEEP_ALIVE_MS = 65_000
/**
 * A client that reads slowly is served for as long as it takes; one that takes nothing for this long counts
 * as gone.
 */
const SILENT_MS = 600_000
const PROBE_MS = 60_000
/** Far above what one machine installs at once, far below what would fill its memory. */
const MOST_CONNECTIONS = 10_000

type AnyServer = http.Server | https.Server

/** A server of HTTP, with or without TLS, with the bounds that hostile clients make necessary. */
export class HttpServer {
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: AnyServer,
    private readonly tls: TlsFiles | undefined,
    connections: (change: 1 | -1) => void,
    headersMs: number,
  ) {
    server.maxConnections = MOST_CONNECTIONS
    server.headersTimeout = headersMs
    server.requestTimeout = REQUEST_MS
    server.keepAliveTimeout = KEEP_ALIVE_MS
    server.timeout = SILENT_MS
    // Also of TLS before its handshake: those are connections as well.
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      connections(1)
      socket.once('close', () => {
        this.sockets.delete(socket)
        connections(-1)
      })
    })
  }

  /** @throws PATH_NOT_FOUND, USAGE where certificate and key cannot be used */
  static async make({ handle, tls, connections, ...more }: HttpServerOptions): Promise<HttpServer> {
    const limits = { ...LIMITS, ...more.limits }
    const options = {
      maxHeaderSize: HEADER_BYTES,
      connectionsCheckingInterval: limits.checkMs,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_MS,
    }
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void handle(request, response)
    const server = tls ? await secureServer(tls, options, listener) : http.createServer(options, listener)
    // No client is told to continue with a body that will not be read.
    server.on('checkContinue', listener)
    return new HttpServer(server, tls, connections, limits.headersMs)
  }

  /** Where it listens, with the port that was chosen. @throws ADDRESS_IN_USE, PERMISSION_DENIED, USAGE */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(cannotListen(error, { host, port })))
      this.server.listen({ host, port, backlog: 1024 }, resolve)
    })
    return { host, port: (this.server.address() as AddressInfo).port }
  }

  /** Reads certificate and key again, for new connections. @throws as make */
  async renew(): Promise<void> {
    if (this.tls && this.server instanceof https.Server) this.server.setSecureContext(await readTls(this.tls))
  }

  /** Accepts no more connections, lets running requests finish, and closes what is left after a while. */
  async stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeIdleConnections()
    const late = setTimeout(() => this.closeAll(), graceMs)
    await closed
    clearTimeout(late)
  }

  private closeAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }
}

async function secureServer(
  tls: TlsFiles,
  options: http.ServerOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<https.Server> {
  const files = await readTls(tls)
  try {
    return https.createServer(
      { ...options, ...files, minVersion: 'TLSv1.2', handshakeTimeout: LIMITS.headersMs },
      listener,
    )
  } catch (error) {
    throw new ContainerImageError('USAGE', `${tls.cert} and ${tls.key} cannot be used.`, {
      expected: 'a certificate and its key, as PEM',
      found: (error as Error).message,
      cause: error,
    })
  }
}

async function readTls(tls: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const read = async (file: string): Promise<Buffer> => await readUserFile(file)
  return { cert: await read(tls.cert), key: await read(tls.key) }
}

function cannotListen(error: NodeJS.ErrnoException, address: ListenAddress): unknown {
  const where = formatListenAddress(address)
  if (error.code === 'EADDRINUSE')
    return new ContainerImageError('ADDRESS_IN_USE', `Another program listens on ${where}.`, { cause: error })
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new ContainerImageError('USAGE', `${where} is not an address of this machine.`, {
      expected: 'an address of this machine, or 0.0.0.0 for all',
      found: where,
      cause: error,
    })
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new ContainerImageError('PERMISSION_DENIED', `This user may not listen on ${where}.`, {
      expected: 'a port of 1024 or above, as ports below are for root',
      found: where,
      remedy: `Choose another port with ${option('listen')}, such as 127.0.0.1:5000.`,
      cause: error,
    })
  return fromSystem(error, `Listening on ${where}`)
}
