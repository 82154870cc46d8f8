/** distribution-spec, "Pulling manifests": what a repository's name and a tag may be. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
/** The same in words. */
export const TAG_IN_WORDS =
  'letters, digits and . _ -, at most 128 of them, beginning with a letter, a digit or _'
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/

export function isTag(text: string): boolean {
  return TAG.test(text)
}

export function isRepository(text: string): boolean {
  return text.length <= 255 && REPOSITORY.test(text)
}

/** A host's name or address; a port, if written, must be valid. */
export function isHost(text: string): boolean {
  const port = /:([0-9]+)$/.exec(text)?.[1]
  return text.length <= 255 && HOST.test(text) && Number(port ?? 0) <= 65535
}

/** Whether the part before the first slash names a host, by docker's rule: a dot, a colon, or localhost. */
export function looksLikeHost(part: string): boolean {
  return part === 'localhost' || part.includes('.') || part.includes(':') || part.startsWith('[')
}
