import type { DocumentReader, RegistryOptions } from '../../catalog/ports.js'
import { ContainerImageError, hasCode, printable, show, throwIfAborted } from '../../manifests/index.js'
import type { Bytes, ReadOptions } from '../io/bytes.js'
import { readDocument } from '../io/files/read-document.js'
import { isLoopbackHost } from './addresses.js'
import type { Allowance } from './allowance.js'
import type { RegistryClient } from './client.js'
import { wholeSize } from './content-range.js'
import { type HttpAnswer, header } from './http.js'
import { resuming } from './resuming.js'

/** Reads small documents, such as a JSON index, from a path or from the web. */
export class RegistryDocuments implements DocumentReader {
  constructor(readonly client: RegistryClient) {}

  /**
   * @param options `limit` is in bytes
   * @throws DOCUMENT_TOO_LARGE, NOT_A_FILE, PATH_NOT_FOUND, PERMISSION_DENIED, SOURCE_INSECURE, and network errors
   */
  async read(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array> {
    throwIfAborted(options.signal)
    return isWebUrl(location) ? this.fromWeb(location, options) : fromFile(location, options.limit)
  }

  private async fromWeb(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array> {
    const { label, host } = placeOf(this.client, location, options)
    const allowance = this.client.allowance('document', host, label, options.signal)
    try {
      return await this.whole(location, { ...options, allowance, signal: allowance.signal })
    } finally {
      allowance.close()
    }
  }

  private async whole(location: string, options: UrlOptions & { limit: number }): Promise<Uint8Array> {
    const content = await openUrl(this.client, location, { ...options, isDocument: true })
    if ((content.size ?? 0) > options.limit) {
      await content.close()
      throw tooLarge(content.label, options.limit, content.size ?? 0)
    }
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of content.bytes) {
      length += chunk.length
      if (length > options.limit) throw tooLarge(content.label, options.limit, length)
      chunks.push(Buffer.from(chunk))
    }
    return Buffer.concat(chunks, length)
  }
}

/** A file on the web, opened for reading once. */
export interface UrlContent {
  /** The URL without its query, which may hold a token: `example.org/images/a.tar`. */
  label: string
  /** The size of the whole file in bytes, if the server says. */
  size?: number
  /** From the wanted offset to the end; goes on by itself after a lost connection. */
  bytes: Bytes
  /** Hangs up if the bytes were not read to the end. */
  close(): Promise<void>
}

export interface UrlOptions extends ReadOptions {
  insecure?: boolean
  /** The allowance of a document. */
  allowance?: Allowance
}

/**
 * Opens a file behind a URL.
 * @throws SOURCE_INSECURE, SOURCE_INVALID, NOT_FOUND and network errors; CHANGED_MEANWHILE while reading, if the file
 * behind the URL was replaced by another one between two connections
 */
export async function openUrl(
  client: RegistryClient,
  location: string,
  options: UrlOptions = {},
): Promise<UrlContent> {
  const { url, label } = placeOf(client, location, options)
  const from = options.from ?? 0
  const run = { allowance: options.allowance, signal: options.signal }
  const ask = async (offset: number) => {
    const answer = await client.fetchFile({
      url,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
      insecure: options.insecure === true,
      subject: label,
      accept: [416],
      ...run,
    })
    // Servers claim that a .tar.gz file is encoded; but that is exactly what was asked for.
    if (!options.isDocument) answer.body.keepEncoded()
    return answer
  }
  const first = await ask(from)
  const size = wholeSize(first)
  if (first.status === 416) return emptyRest(first, label, from, size)
  let waiting: HttpAnswer | undefined = first
  const bytes = resuming({
    open: async (offset) => {
      const answer = waiting ?? (await ask(offset))
      waiting = undefined
      if (answer.status === 416) throw changed(label, `more than ${offset} bytes`, 'fewer')
      checkUnchanged(first, answer, label)
      return answer
    },
    subject: label,
    from,
    size,
    retry: client.retry,
    note: (message) => client.note(message),
    ...run,
  })
  return {
    label,
    size,
    bytes,
    close: async () => waiting?.body.cancel(),
  }
}

function isWebUrl(location: string): boolean {
  return /^https?:\/\//i.test(location)
}

/** A URL that may be requested, and what it is called in messages. */
function placeOf(client: RegistryClient, location: string, options: { insecure?: boolean }) {
  const url = parseUrl(location, options.insecure === true || client.options.insecure === true)
  return { url, host: url.host, label: printable(`${url.host}${url.pathname}`) }
}

function parseUrl(location: string, insecure: boolean): URL {
  const url = isWebUrl(location) && URL.canParse(location) ? new URL(location) : undefined
  if (!url || url.username || url.password)
    throw new ContainerImageError('SOURCE_INVALID', 'A location on the web is not a URL that can be used.', {
      side: 'source',
      expected: 'https://host/path, without user and password',
      found: url ? `a URL with credentials, at ${url.host}` : show(location.replace(/[?#].*$/s, '')),
    })
  if (url.protocol === 'https:' || insecure || isLoopbackHost(url.hostname)) return url
  throw new ContainerImageError('SOURCE_INSECURE', `${url.host} would be reached over plain http.`, {
    side: 'source',
    expected: 'https',
    found: 'http',
  })
}

/** Parts of two different files must not be joined; without a digest nobody would notice. */
function checkUnchanged(first: HttpAnswer, now: HttpAnswer, label: string): void {
  for (const name of ['etag', 'last-modified']) {
    const [expected, found] = [header(first, name), header(now, name)]
    if (expected === found) continue
    now.body.cancel()
    throw changed(label, `${name} ${show(expected)}`, show(found))
  }
}

function changed(label: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('CHANGED_MEANWHILE', `${label} changed while it was read.`, {
    side: 'source',
    expected,
    found,
  })
}

/**
 * The answer if nothing is left to read; if the file is even shorter than the offset, it is not the one that
 * was meant.
 */
async function emptyRest(
  answer: HttpAnswer,
  label: string,
  from: number,
  size: number | undefined,
): Promise<UrlContent> {
  await answer.body.discard()
  if (size !== from)
    throw changed(label, `at least ${from} bytes`, size === undefined ? 'fewer' : `${size} bytes`)
  return { label, size, bytes: nothing(), close: async () => {} }
}

async function* nothing(): Bytes {}

async function fromFile(file: string, limit: number): Promise<Uint8Array> {
  return await readDocument(file, limit).catch((error) => {
    throw hasCode(error, 'NOT_A_FILE') ? notAFile(file, error) : error
  })
}

function notAFile(file: string, { found }: ContainerImageError): ContainerImageError {
  return new ContainerImageError('PATH_NOT_FOUND', `${show(file)} is not a file.`, {
    side: 'source',
    expected: 'a file',
    found,
  })
}

function tooLarge(what: string, limit: number, found: number): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `${printable(what)} is too large.`, {
    side: 'source',
    expected: `at most ${limit} bytes`,
    found: `${found} bytes`,
  })
}
