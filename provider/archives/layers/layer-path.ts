import { ContainerImageError, show } from '../../../manifests/index.js'
import type { LayerOs } from './whiteout.js'

/** Deeper than any real tree; a name with a million slashes would cost memory quadratically. */
const MAX_DEPTH = 1024

/**
 * The folders and the name that a layer's entry names, from the root of the layer; none for the root. A name that begins
 * with a slash begins there too, as it does for the engines.
 * @throws UNSAFE_NAME for `..`, NUL, and for Windows absolute names and backslashes
 */
export function layerPath(raw: string, os: LayerOs, label: string): string[] {
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  const isForeign = os === 'windows' && (/^(\/|[A-Za-z]:)/.test(raw) || raw.includes('\\'))
  if (isForeign || raw.includes('\0') || parts.includes('..') || parts.length > MAX_DEPTH)
    throw unsafePath(raw, label, 'names below the root of the layer')
  return parts
}

export function unsafePath(raw: string, label: string, expected: string): ContainerImageError {
  return new ContainerImageError('UNSAFE_NAME', `${label} holds an unsafe name: ${show(raw)}.`, {
    side: 'source',
    expected,
    found: show(raw),
    details: { path: raw },
  })
}
