import { ContainerImageError, show } from '../../../manifests/index.js'

/** Deeper than any real tree; a name of a million slashes would cost memory by the square. */
const MAX_DEPTH = 1024

/**
 * The folders and the name that a layer's entry names, from the root of the layer; none for the root.
 * @throws UNSAFE_NAME for absolute names, `..`, NUL, and for Windows backslashes
 */
export function layerPath(raw: string, os: 'windows' | 'linux', label: string): string[] {
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  const isAbsolute = raw.startsWith('/') || (os === 'windows' && /^[A-Za-z]:/.test(raw))
  const isForeign = os === 'windows' && raw.includes('\\')
  if (isAbsolute || isForeign || raw.includes('\0') || parts.includes('..') || parts.length > MAX_DEPTH)
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
