import { ContainerImageError, hasCode, option, printable, show } from '../../manifests/index.js'
import { namesFor } from '../names/local-names.js'

/** What an archive, or its file name, says about an image. */
export interface SaidIdentity {
  name: string
  version: string
  publisher?: string
}

const LONGEST = 255

/**
 * Refuses names from an archive that could do harm when shown or used as part of a path (the class of
 * CVE-2026-50195): control characters, excessive length, ways out of a folder, and what cannot become a name
 * in the store.
 * @throws UNSAFE_NAME
 */
export function checkSaidNames(said: SaidIdentity, archive: string): void {
  for (const text of [said.name, said.version, said.publisher ?? ''])
    if (text.length > LONGEST || text !== printable(text) || /\\|(^|\/)\.\.?(\/|$)/.test(text))
      throw unsafeName(text, archive)
  if (/[/:]/.test(said.version)) throw unsafeName(said.version, archive)
  try {
    namesFor(said.name, said.version, false)
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) throw unsafeName(`${said.name}:${said.version}`, archive)
    throw error
  }
}

function unsafeName(text: string, archive: string): ContainerImageError {
  return new ContainerImageError('UNSAFE_NAME', `${archive} gives an image a name that cannot be used.`, {
    side: 'source',
    expected: 'a name and a version, such as debian:12.5',
    found: show(text),
    remedy: `If you trust this archive, give the image another name with ${option('name')} and ${option('version')}.`,
  })
}
