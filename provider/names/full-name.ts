import { ContainerImageError, command, option, show } from '../../manifests/index.js'

/**
 * `CN=Microsoft_NanoServer_10.0.14300.1010`, as the Containers module named its images. Of a name with a path, host and
 * path stand for the publisher, so that each repository has full names of its own: `CN=quay.io.opstree_redis_7`.
 */
export function fullName(publisher: string, name: string, version: string): string {
  const path = name.split('/')
  const own = path.pop() ?? name
  const place = path.join('.').replaceAll('_', '-')
  return `CN=${place || publisher}_${own}_${version}`
}

export interface FullNameParts {
  publisher: string
  name: string
  version: string
}

/**
 * The parts of a full name; the name itself may hold underscores.
 * @throws USAGE
 */
export function parseFullName(text: string): FullNameParts {
  const match = /^CN=([^_]+)_(.+)_([^_]+)$/i.exec(text)
  if (match?.[1] && match[2] && match[3]) return { publisher: match[1], name: match[2], version: match[3] }
  throw new ContainerImageError('USAGE', `${show(text)} is not a full name.`, {
    expected: 'CN=<Publisher>_<Name>_<Version>',
    found: show(text),
    remedy: `See the full names with ${command('get', option('json'))}.`,
  })
}
