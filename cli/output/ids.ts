/** The first twelve digits of a digest, as docker shows an id. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}
