import { ContainerImageError, parseObject, show } from '../../manifests/index.js'
import type { AllowanceKind } from './allowance.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { type HttpAnswer, header } from './http.js'
import { nextLink } from './link.js'
import { isForPeople, pageForPeople } from './page-for-people.js'

/** No repository is known to need more; a registry that goes on longer does not mean well. */
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
 * header leads to the next, on the same registry.
 * @param kind whose bounds hold for all pages together
 * @throws DOCUMENT_TOO_LARGE; REGISTRY_ERROR where the pages do not end or lead away, and what the client throws
 */
export async function* pages(
  client: RegistryClient,
  request: RegistryRequest,
  kind: AllowanceKind = 'list',
): AsyncGenerator<Page, void, void> {
  const allowance = client.allowance(kind, request.registry, request.subject, request.signal)
  const { signal } = allowance
  const seen = new Set<string>()
  let url: URL | undefined
  try {
    for (let page = 1; ; page++) {
      const ask = { ...request, allowance, signal, ...(url ? { url } : {}) }
      const { status, document, next } = await client.receive(ask, (answer) =>
        readPage(answer, request.subject),
      )
      yield { status, document, isLast: next === undefined }
      if (!next) return
      if (page === MOST_PAGES || seen.has(next.href)) throw endless(request, page)
      seen.add(next.href)
      url = next
    }
  } finally {
    allowance.close()
  }
}

/** One page; an answer that is none but was accepted gives an empty one. */
async function readPage(answer: HttpAnswer, subject: string) {
  const { status } = answer
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
  return { status, document, next: nextPage(answer) }
}

function nextPage(answer: HttpAnswer): URL | undefined {
  const target = nextLink(header(answer, 'link'))
  if (target === undefined) return undefined
  if (URL.canParse(target, answer.url.href)) return new URL(target, answer.url.href)
  throw new ContainerImageError('REGISTRY_ERROR', `${answer.url.host} names no URL as its next page.`, {
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
