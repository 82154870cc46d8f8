import { ContainerImageError, command, isRepository, show } from '../../manifests/index.js'
import { isLoopbackHost } from './addresses.js'

/**
 * Reads where a mirror is: `https://host[:port][/path]`. The path is put before each repository, as podman's
 * `location` has it; a `/v2` before it, as containerd wants it, says the same.
 * @param insecure whether plain http is allowed to another host than this machine
 * @throws SOURCE_INVALID, SOURCE_INSECURE
 */
export function parseMirrorUrl(text: string, insecure: boolean): { origin: URL; prefix: string } {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  const prefix = url?.pathname.replace(/^\/(v2(\/|$))?|\/+$/g, '') ?? ''
  if (!url || url.search || url.hash || (prefix !== '' && !isRepository(prefix)))
    throw invalid('A mirror is not a URL that can be used.', show(text.replace(/\/\/[^/@]*@/, '//')))
  if (url.username || url.password)
    throw invalid(`The URL of the mirror ${url.host} holds credentials.`, 'user and password in a URL')
  if (url.protocol === 'https:' || insecure || isLoopbackHost(url.hostname))
    return { origin: new URL(url.origin), prefix }
  throw new ContainerImageError(
    'SOURCE_INSECURE',
    `The mirror ${url.host} would be reached over plain http.`,
    {
      side: 'source',
      expected: 'https',
      found: 'http',
    },
  )
}

function invalid(message: string, found: string): ContainerImageError {
  return new ContainerImageError('SOURCE_INVALID', message, {
    side: 'source',
    expected: 'https://host[:port][/path], without user, password and query',
    found,
    remedy: `Write the mirror as https://host[:port][/path]; ${command('login', 'HOST')} keeps its credentials.`,
  })
}
