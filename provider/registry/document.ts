import { type FileHandle, open } from 'node:fs/promises'
import type { DocumentReader, RegistryOptions } from '../../catalog/ports.js'
import { ContainerImageError, printable, show, throwIfAborted } from '../../manifests/index.js'
import type { Bytes, ReadOptions } from '../ports.js'
import { isLoopbackHost } from './addresses.js'
import type { RegistryClient } from './client.js'
import { wholeSize } from './content-range.js'
import { type HttpAnswer, header } from './http.js'
import { resuming } from './resuming.js'

/** Reads small documents, such as a JSON index, from a path or from the web. */
export class RegistryDocuments implements DocumentReader {
  constructor(readonly client: RegistryClient) {}

  /**
   * @param options `limit` is in bytes
   * @throws DOCUMENT_TOO_LARGE, PATH_NOT_FOUND, PERMISSION_DENIED, SOURCE_INSECURE, and network errors
   */
  async read(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array> {
    throwIfAborted(options.signal)
    return isWebUrl(location) ? this.#fromWeb(location, options) : fromFile(location, options.limit)
  }

  async #fromWeb(location: string, options: RegistryOptions & { limit: number }): Promise<Uint8Array> {
    const content = await openUrl(this.client, location, options)
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
  /** Of the whole file, in bytes, where the server tells. */
  size?: number
  /** From the wanted offset to the end; goes on by itself after a lost connection. */
  bytes: Bytes
  /** Hangs up, where the bytes were not read to their end. */
  close(): Promise<void>
}

/**
 * Opens a file behind a URL.
 * @throws SOURCE_INSECURE, SOURCE_INVALID, NOT_FOUND and network errors; CHANGED_MEANWHILE while reading,
 * where the file behind the URL became another one between two connections
 */
export async function openUrl(
  client: RegistryClient,
  location: string,
  options: ReadOptions & { insecure?: boolean } = {},
): Promise<UrlContent> {
  const url = parseUrl(location, options.insecure === true || client.options.insecure === true)
  const label = printable(`${url.host}${url.pathname}`)
  const from = options.from ?? 0
  const ask = (offset: number) =>
    client.fetchFile({
      url,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
      insecure: options.insecure === true,
      subject: label,
      accept: [416],
      ...(options.signal ? { signal: options.signal } : {}),
    })
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
    ...(size === undefined ? {} : { size }),
    retry: client.retry,
    note: (message) => client.note(message),
    ...(options.signal ? { signal: options.signal } : {}),
  })
  return {
    label,
    ...(size === undefined ? {} : { size }),
    bytes,
    close: async () => waiting?.body.cancel(),
  }
}

export function isWebUrl(location: string): boolean {
  return /^https?:\/\//i.test(location)
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

/** Two parts of different files must not be joined; without a digest nobody would notice. */
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

/** The answer where nothing is left to read; where less than nothing is, the file is not the one that was meant. */
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
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    const facts = await handle.stat()
    if (!facts.isFile()) throw notAFile(file)
    if (facts.size > limit) throw tooLarge(file, limit, facts.size)
    return await readAtMost(handle, file, limit)
  } catch (error) {
    throw asFileError(error, file)
  } finally {
    await handle?.close()
  }
}

/** Reads what is there, which may have grown since its size was asked. */
async function readAtMost(handle: FileHandle, file: string, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null)
    if (bytesRead === 0) return Buffer.concat(chunks, length)
    length += bytesRead
    if (length > limit) throw tooLarge(file, limit, length)
    chunks.push(buffer.subarray(0, bytesRead))
  }
}

function asFileError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof ContainerImageError) return error
  const code = error.code === 'EACCES' || error.code === 'EPERM' ? 'PERMISSION_DENIED' : 'PATH_NOT_FOUND'
  return new ContainerImageError(code, `${show(file)} cannot be read.`, { side: 'source', cause: error })
}

function notAFile(file: string): ContainerImageError {
  return new ContainerImageError('PATH_NOT_FOUND', `${show(file)} is not a file.`, {
    side: 'source',
    expected: 'a file',
    found: 'a folder or a device',
  })
}

function tooLarge(what: string, limit: number, found: number): ContainerImageError {
  return new ContainerImageError('DOCUMENT_TOO_LARGE', `${printable(what)} is too large.`, {
    side: 'source',
    expected: `at most ${limit} bytes`,
    found: `${found} bytes`,
  })
}
