import {
  ContainerImageError,
  command,
  hasCode,
  option,
  printable,
  show,
  taken,
} from '../../manifests/index.js'
import { namesFor } from '../names/local-names.js'

/** What an archive, or its file name, says about an image. */
export interface SaidIdentity {
  name?: string
  version?: string
  publisher?: string
}

const LONGEST = 255

/**
 * Refuses names from an archive that could do harm when shown or used as part of a path (the class of
 * CVE-2026-50195): control characters, excessive length, ways out of a folder, and what cannot become a name
 * in the store.
 * @throws UNSAFE_NAME
 */
export function checkSaidNames({ name, version, publisher }: SaidIdentity, archive: string): void {
  for (const text of [name, version, publisher ?? ''])
    if (text !== undefined && isHarmful(text)) throw unsafeName(text, archive)
  if (version !== undefined && /[/:]/.test(version)) throw unsafeName(version, archive)
  try {
    namesFor(name ?? 'given', version ?? '1', false)
  } catch (error) {
    const said = [name, version].filter((text) => text !== undefined).join(':')
    if (hasCode(error, 'INVALID_REFERENCE')) throw unsafeName(said, archive)
    throw error
  }
}

function isHarmful(text: string): boolean {
  return text.length > LONGEST || text !== printable(text) || /\\|(^|\/)\.\.?(\/|$)/.test(text)
}

function unsafeName(text: string, archive: string): ContainerImageError {
  return new ContainerImageError('UNSAFE_NAME', `${archive} gives an image a name that cannot be used.`, {
    side: 'source',
    expected: 'a name and a version, such as debian:12.5',
    found: text === '' ? 'an empty name' : show(text),
    remedy: `If you trust this archive, ${otherName()}.`,
  })
}

function otherName(): string {
  const how = `with ${option('name')} and ${option('version')}`
  return taken('name') === undefined
    ? `take it with ${command('install')}, which gives the image another name ${how}`
    : `give the image another name ${how}`
}
