import { ContainerImageError, show } from '../../../manifests/index.js'
import { isPortable } from '../../io/files/portable-name.js'

/**
 * The plain form of a member's name: no `./` before it, no slash after it.
 * @throws UNSAFE_NAME for absolute names, `..`, NUL and backslashes
 */
export function memberName(raw: string, archive: string): string {
  if (raw.includes('\0') || raw.includes('\\') || raw.startsWith('/') || /^[A-Za-z]:\//.test(raw))
    throw unsafe(raw, archive)
  if (/^[A-Za-z]:/.test(raw)) throw unportable(raw, archive)
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw unsafe(raw, archive)
  return parts.join('/')
}

/**
 * Refuses names that a file system of Windows would take for something else, for archives whose names are
 * ours to choose. Layers keep whatever their author wrote.
 * @throws UNSAFE_NAME
 */
export function checkPortable(name: string, archive: string): void {
  if (!isPortable(name)) throw unportable(name, archive)
}

/** Not hostile, just an unlucky choice where any name would do. */
function unportable(name: string, archive: string): ContainerImageError {
  return new ContainerImageError(
    'UNSAFE_NAME',
    `${archive} holds a name that Windows cannot hold: ${show(name)}.`,
    {
      side: 'source',
      expected: 'names that every system can hold',
      found: show(name),
      remedy: 'Pack it again without this file, or under another name.',
    },
  )
}

/**
 * The plain form of a name in a root filesystem, which holds whatever its author wrote: systemd's units have
 * backslashes, and a colon is not a drive.
 * @throws UNSAFE_NAME for absolute names, `..` and NUL
 */
export function rootfsName(raw: string, archive: string): string {
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (raw.includes('\0') || raw.startsWith('/') || parts.includes('..')) throw unsafe(raw, archive)
  return parts.join('/')
}

/** @param kind for a member that is refused for what it is, such as `a device` */
export function unsafe(name: string, archive: string, kind?: string): ContainerImageError {
  return new ContainerImageError(
    'UNSAFE_NAME',
    `${archive} holds ${kind ?? 'a member with an unsafe name'}: ${show(name)}.`,
    {
      side: 'source',
      expected: kind ? 'the files and folders that belong to images' : 'names below the root of the archive',
      found: kind ? `${kind} ${show(name)}` : show(name),
    },
  )
}
