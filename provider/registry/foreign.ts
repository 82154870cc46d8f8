import {
  ContainerImageError,
  type Descriptor,
  hasCode,
  option,
  printable,
  show,
} from '../../manifests/index.js'
import { bareHost } from './addresses.js'
import type { FileRequest, RegistryClient } from './client.js'
import type { HttpAnswer } from './http.js'

/**
 * Where Microsoft keeps the layers of Windows that other registries may not distribute. Descriptors name
 * go.microsoft.com (the oldest images) and mcr.microsoft.com; these send on to the regions' data hosts and
 * to Azure's blob storage. Storage accounts below blob.core.windows.net can belong to anybody, but nothing
 * secret is sent there, and what comes back must have the layer's digest.
 */
const BUILT_IN = [
  'mcr.microsoft.com',
  '*.data.mcr.microsoft.com',
  'go.microsoft.com',
  '*.blob.core.windows.net',
]

/**
 * Asks for a foreign layer at the URLs of its descriptor, one after the other (layer.md,
 * "Non-Distributable Layers"): over https only, on allowed hosts only, without credentials (containerd
 * CVE-2020-15157), and not inside a private network unless its host was allowed by name.
 * @throws FOREIGN_URL_REFUSED, and what the last URL gave
 */
export async function fetchForeign(
  client: RegistryClient,
  descriptor: Descriptor,
  headers: Record<string, string>,
  run: Pick<FileRequest, 'allowance' | 'signal'>,
): Promise<HttpAnswer> {
  if (client.options.noForeign) throw leftOut(descriptor)
  let failure: unknown
  for (const text of descriptor.urls ?? []) {
    try {
      return await fetchOne(client, text, descriptor, headers, run)
    } catch (error) {
      if (hasCode(error, 'INTERRUPTED') || run.signal?.aborted) throw error
      failure ??= error
    }
  }
  throw failure ?? noUrls(descriptor)
}

async function fetchOne(
  client: RegistryClient,
  text: string,
  descriptor: Descriptor,
  headers: Record<string, string>,
  run: Pick<FileRequest, 'allowance' | 'signal'>,
): Promise<HttpAnswer> {
  const own = client.options.allowForeignHosts ?? []
  const url = parse(text)
  try {
    return await client.fetchFile({
      url,
      headers,
      subject: `foreign layer ${descriptor.digest}`,
      allow: (next) => checkUrl(next, [...BUILT_IN, ...own]),
      reach: isAllowed(url, own) ? 'anywhere' : 'public',
      ...run,
    })
  } catch (error) {
    if (!hasCode(error, 'REDIRECT_REFUSED')) throw error
    throw refused(url, error.message, 'a redirect that the rules allow', error.found ?? 'another one', error)
  }
}

function parse(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new ContainerImageError('FOREIGN_URL_REFUSED', 'A foreign layer names something that is not a URL.', {
    side: 'source',
    expected: 'an https URL',
    found: show(text),
  })
}

function checkUrl(url: URL, allowed: string[]): void {
  if (url.protocol !== 'https:') throw refused(url, 'it is not https.', 'https', show(url.protocol))
  if (url.username || url.password) throw refused(url, 'it holds credentials.', 'none', 'credentials')
  if (!isAllowed(url, allowed))
    throw refused(url, 'its host is not one of those that are allowed.', allowed.join(', '), url.host)
}

/** An entry is a host, a host with its port, or `*.` and a domain for all hosts below it. */
function isAllowed(url: URL, entries: string[]): boolean {
  const host = bareHost(url.hostname)
  return entries.some((text) => {
    const entry = text.trim().toLowerCase()
    if (entry.startsWith('*.')) return entry.length > 2 && host.endsWith(entry.slice(1))
    return entry === url.host || bareHost(entry) === host
  })
}

function refused(
  url: URL,
  why: string,
  expected: string,
  found: string | number,
  cause?: unknown,
): ContainerImageError {
  return new ContainerImageError(
    'FOREIGN_URL_REFUSED',
    `A foreign layer is not fetched from ${printable(url.host)}: ${why}`,
    { side: 'source', expected, found, details: { host: url.host }, cause },
  )
}

function leftOut(descriptor: Descriptor): ContainerImageError {
  return new ContainerImageError(
    'FOREIGN_URL_REFUSED',
    `The registry does not have the foreign layer ${descriptor.digest}, and foreign layers are left out.`,
    { side: 'source', remedy: `Run the command again without ${option('noForeign')}.` },
  )
}

function noUrls(descriptor: Descriptor): ContainerImageError {
  return new ContainerImageError(
    'NOT_FOUND',
    `The registry does not have the foreign layer ${descriptor.digest}, and its descriptor names no URL.`,
    { side: 'source', details: { digest: descriptor.digest } },
  )
}
