import { ContainerImageError, parseReference, show } from '../../../manifests/index.js'

/**
 * The registry that somebody logs in to: `host[:port]`, or its URL, as docker takes both.
 * @throws INVALID_REFERENCE
 */
export function registryName(text = 'docker.io'): string {
  const host = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/(v[12]\/?)?$/i, '')
  try {
    const { registry } = parseReference(`${host}/any`)
    return registry === 'index.docker.io' || registry === 'registry-1.docker.io' ? 'docker.io' : registry
  } catch {
    throw new ContainerImageError('INVALID_REFERENCE', `${show(text)} is not the host of a registry.`, {
      side: 'destination',
      expected: 'host[:port], the host with a dot in its name, or localhost',
      found: show(text),
      remedy: 'Write the host with its port or a dot in its name: registry.example.org.',
    })
  }
}
