import { isPortablePath, type ListedFile } from '../../../../manifests/index.js'
import { unescaped } from './escape.js'
import { TITLE } from './page.js'

/** A line of the table at the page's end, as `page` writes it. */
const LINE =
  /^<tr><td class="code">([^<]*)<\/td><td class="n" data-head="Bytes">(\d+)<\/td><td class="code" data-head="SHA-256">([0-9a-f]{64})<\/td><\/tr>$/gm

/**
 * The files that a page lists, for when it is the only list left; undefined if it is not one of our pages.
 */
export function listedFiles(page: Uint8Array): ListedFile[] | undefined {
  const text = Buffer.from(page).toString('utf8')
  if (!text.includes(`<title>${TITLE}</title>`)) return undefined
  return [...text.matchAll(LINE)].flatMap(([, path = '', size, sha256 = '']) => {
    const plain = unescaped(path)
    return isPortablePath(plain) ? [{ path: plain, size: Number(size), sha256 }] : []
  })
}
