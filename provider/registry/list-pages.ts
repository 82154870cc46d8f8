import { hasCode } from '../../manifests/index.js'
import type { RegistryClient, RegistryRequest } from './client.js'
import { type Page, pages } from './pages.js'

/**
 * How many names a page should have, the largest first; undefined leaves it to the registry. Registries may give fewer,
 * and some refuse what is above a bound of their own (distribution's `maxentries`: PAGINATION_NUMBER_INVALID).
 */
const SIZES = [1000, 100, undefined]

/** Answers that may mean that this page size is too large. */
const TOO_MANY = [400, 413, 416, 422]

/** The pages of a list of names, with the size that its registry takes. @throws as `pages` does */
export async function* listPages(
  client: RegistryClient,
  list: RegistryRequest,
): AsyncGenerator<Page, void, void> {
  for (const size of SIZES.slice(client.pageSizes.get(list.registry) ?? 0)) {
    const request = size === undefined ? list : { ...list, path: `${list.path}?n=${size}` }
    let isBegun = false
    try {
      for await (const page of pages(client, request)) {
        isBegun = true
        yield page
      }
      return
    } catch (error) {
      const isRefused = hasCode(error, 'REGISTRY_ERROR') && TOO_MANY.includes(Number(error.details?.status))
      if (isBegun || !isRefused || size === undefined) throw error
      client.pageSizes.set(list.registry, SIZES.indexOf(size) + 1)
    }
  }
}
