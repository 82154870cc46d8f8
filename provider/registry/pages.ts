import { ContainerImageError, parseObject, show } from '../../manifests/index.js'
import type { AllowanceKind } from './allowance.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { type HttpAnswer, header } from './http.js'
import { nextLink } from './link.js'
import { nextPath } from './next-path.js'
import { isForPeople, pageForPeople } from './page-for-people.js'

/** No known repository needs more; a registry that goes on longer is malicious. */
const MOST_PAGES = 1000

/** In bytes. Some registries send all tags of a large repository on one page. */
const PAGE_LIMIT = 20 * 1024 * 1024

/** One page of a list; an accepted answer that is none has an empty document. */
export interface Page {
  status: number
  document: Record<string, unknown>
  isLast: boolean
}

/**
 * The JSON documents of a list that comes in pages (distribution-spec, "Listing Tags"): each page's Link
 * header leads to the next, on the same registry. A proxy may be in front of it that the registry knows nothing of, and
 * then it names itself by another scheme, host, port, or path: `next-path.ts` has what is taken of it.
 * @param kind whose bounds hold for all pages together
 * @throws DOCUMENT_TOO_LARGE; REGISTRY_ERROR if the pages do not end or lead away, and what the client throws
 */
export async function* pages(
  client: RegistryClient,
  request: RegistryRequest,
  kind: AllowanceKind = 'list',
): AsyncGenerator<Page, void, void> {
  const allowance = client.allowance(kind, request.registry, request.subject, request.signal)
  const { signal } = allowance
  const seen = new Set<string>()
  let where: Where = { path: request.path }
  try {
    for (let page = 1; ; page++) {
      const ask = { ...request, ...where, allowance, signal }
      const { status, document, next } = await client.receive(ask, (answer) => readPage(answer, request))
      yield { status, document, isLast: next === undefined }
      if (!next) return
      const known = next.url?.href ?? next.path
      if (page === MOST_PAGES || seen.has(known)) throw endless(request, page)
      seen.add(known)
      where = next
    }
  } finally {
    allowance.close()
  }
}

/** Where a page is asked for. */
type Where = Pick<RegistryRequest, 'path' | 'url'>

/** One page; an accepted answer that is not a page gives an empty one. */
async function readPage(answer: HttpAnswer, request: RegistryRequest) {
  const { status } = answer
  const { subject } = request
  if (status !== 200) {
    await answer.body.discard()
    return { status, document: {}, next: undefined }
  }
  const tooLarge = (found: number) =>
    new ContainerImageError('DOCUMENT_TOO_LARGE', `${answer.url.host} sends too much for ${subject}.`, {
      side: 'source',
      expected: `at most ${PAGE_LIMIT} bytes a page`,
      found: `${found} bytes`,
    })
  const bytes = await answer.body.bytes(PAGE_LIMIT, tooLarge)
  if (isForPeople(answer, bytes)) throw pageForPeople(answer, subject, 'JSON')
  const document = parseObject(bytes, `answer to the request for ${subject}`, PAGE_LIMIT)
  return { status, document, next: nextPage(answer, request) }
}

function nextPage(answer: HttpAnswer, { path }: RegistryRequest): Where | undefined {
  const target = nextLink(header(answer, 'link'))
  if (target === undefined) return undefined
  const link = URL.canParse(target, answer.url.href) ? new URL(target, answer.url.href) : undefined
  if (!link || !/^https?:$/.test(link.protocol)) throw notAPage(answer, target)
  // A page that came from another host after a redirect is requested through the registry again, which may
  // need to sign the link.
  if (answer.request.sentOnBy !== undefined) return { path: path.replace(/[?].*|$/, link.search) }
  const url = new URL(answer.url)
  url.pathname = nextPath(url.pathname, link.pathname)
  url.search = link.search
  return { path, url }
}

function notAPage({ url }: HttpAnswer, target: string): ContainerImageError {
  return new ContainerImageError('REGISTRY_ERROR', `${url.host} names no URL as its next page.`, {
    side: 'source',
    expected: 'a URL in Link',
    found: show(target),
  })
}

function endless(request: RegistryRequest, page: number): ContainerImageError {
  return new ContainerImageError('REGISTRY_ERROR', `The pages with ${request.subject} do not end.`, {
    side: 'source',
    expected: `at most ${MOST_PAGES} pages, each another one`,
    found: `${page} pages and a further one`,
    details: { host: request.registry },
  })
}
