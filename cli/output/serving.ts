import { printable } from '../../manifests/index.js'
import type { ServeResult, ServingPlace } from '../../provider/index.js'
import { size } from './sizes.js'

/** Where a registry listens, and how to pull from it. */
export function servingLines({ url, path, repositories, example, auth }: ServingPlace): string[] {
  const names = repositories.length === 1 ? '1 repository' : `${repositories.length} repositories`
  const host = url.replace(/^https?:\/\//, '')
  return [
    `Serving ${printable(path)} (${names}) on ${url}`,
    ...(auth ? [`  docker login ${host}`] : []),
    example === undefined ? '  It has no images yet.' : `  docker pull ${example}`,
    '  Ctrl-C stops it.',
  ]
}

/** What it did, printed at the end. */
export function servedLines({ requests, sentBytes, failures }: ServeResult): string[] {
  const failed = failures === 0 ? '' : `, ${failures} failed here`
  return [`Served ${requests} ${requests === 1 ? 'request' : 'requests'}, ${size(sentBytes)}${failed}.`]
}
