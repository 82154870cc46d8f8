import type http from 'node:http'
import { ContainerImageError } from '../../../manifests/index.js'
import type { Bytes } from '../../io/bytes.js'
import type { DockerAddress } from './address.js'
import { type Answer, connectionError, jsonOf, notDocker, refusalOf, textOf } from './answers.js'
import { type Connection, connectionTo } from './connection.js'
import { Upload } from './upload.js'

/** The newest version of the API that this client was written for; an older daemon is spoken to in its own. */
const NEWEST_API = '1.48'
/** In milliseconds. A daemon that is asked for its version answers at once. */
const PATIENCE = 20_000

export interface Ask {
  query?: Record<string, string | undefined>
  signal?: AbortSignal | undefined
  /** Statuses of 400 and more that the caller understands. */
  accept?: number[]
}

/** The Docker Engine API over one address. Its errors say which engine, and where it was reached. */
export class DockerClient {
  label: string
  private prefix = ''
  private readonly connection: Connection

  constructor(address: DockerAddress) {
    this.label = `docker at ${address.text}`
    this.connection = connectionTo(address)
  }

  /** Asks for the version, and speaks no newer one from then on. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
  async greet(signal?: AbortSignal): Promise<{ Version?: unknown; Arch?: unknown; KernelVersion?: unknown }> {
    const late = AbortSignal.timeout(PATIENCE)
    const both = signal ? AbortSignal.any([signal, late]) : late
    const version = (await this.json('GET', '/version', { signal: both }).catch((error: unknown) => {
      throw late.aborted && !signal?.aborted ? silent(this.label) : error
    })) as { Version?: unknown; ApiVersion?: unknown; Arch?: unknown; KernelVersion?: unknown } | null
    const api = version?.ApiVersion
    if (typeof api !== 'string' || !/^1\.\d{1,4}$/.test(api))
      throw notDocker(this.label, 'an answer without its version')
    this.prefix = `/v${minor(api) < minor(NEWEST_API) ? api : NEWEST_API}`
    return version ?? {}
  }

  /** @throws ENGINE_UNREACHABLE, ENGINE_REFUSED, INTERRUPTED */
  async json(method: string, path: string, ask: Ask = {}): Promise<unknown> {
    const answer = await this.ask(method, path, ask)
    return jsonOf(answer, this.label)
  }

  /** @throws ENGINE_UNREACHABLE, ENGINE_REFUSED, INTERRUPTED */
  async ask(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const request = this.begin(method, path, ask)
    try {
      const response = await responseTo(request)
      const answer = { status: response.statusCode ?? 0, body: await textOf(response) }
      if (answer.status >= 400 && !ask.accept?.includes(answer.status)) throw refusalOf(answer, this.label)
      return answer
    } catch (error) {
      throw connectionError(error, this.label)
    }
  }

  /** What the daemon sends, as it comes. @throws as ask */
  async *download(path: string, ask: Ask = {}): Bytes {
    const request = this.begin('GET', path, ask)
    try {
      const response = await responseTo(request)
      const status = response.statusCode ?? 0
      if (status >= 400) throw refusalOf({ status, body: await textOf(response) }, this.label)
      for await (const chunk of response) yield chunk as Buffer
    } catch (error) {
      throw connectionError(error, this.label)
    } finally {
      request.destroy()
    }
  }

  /** Begins to send a body whose length is not known. */
  upload(path: string, ask: Ask = {}): Upload {
    const request = this.connection.begin({
      method: 'POST',
      path: this.pathOf(path, ask),
      headers: { 'content-type': 'application/x-tar', 'transfer-encoding': 'chunked' },
      signal: ask.signal,
    })
    return new Upload(request, this.label)
  }

  close(): void {
    this.connection.close()
  }

  private begin(method: string, path: string, ask: Ask): http.ClientRequest {
    const request = this.connection.begin({
      method,
      path: this.pathOf(path, ask),
      headers: method === 'POST' ? { 'content-length': '0' } : undefined,
      signal: ask.signal,
    })
    request.end()
    return request
  }

  private pathOf(path: string, { query = {} }: Ask): string {
    const text = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) text.append(name, value)
    return `${this.prefix}${path}${text.size === 0 ? '' : `?${text}`}`
  }
}

function responseTo(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
}

function minor(version: string): number {
  return Number(version.split('.')[1] ?? 0)
}

function silent(label: string): ContainerImageError {
  return new ContainerImageError('ENGINE_UNREACHABLE', `${label} does not answer.`, {
    side: 'destination',
    expected: `an answer within ${PATIENCE / 1000} s`,
    found: 'none',
    remedy: 'Restart docker, or look into its log.',
  })
}
