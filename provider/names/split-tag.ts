import { isTag } from '../../manifests/index.js'

/** `name:tag` in its halves; a colon that belongs to a port is not one. */
export function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1)
  if (colon <= 0 || !isTagPattern(text.slice(colon + 1))) return { name: text }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function isTagPattern(text: string): boolean {
  return isTag(text.replace(/[*?[\]]/g, '0'))
}
