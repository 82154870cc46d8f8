import { engineName, familiarName, hasCode } from '../../../../manifests/index.js'
import type { SignedIdentity } from './policy.js'
import { repositoryOf } from './scopes.js'

/**
 * Whether the policy accepts the name that a signature gives its image.
 * @param image in full; undefined if the image has no name
 * @param signed as the signature has it; undefined if it has none
 */
export function identityFits(wanted: SignedIdentity, image: string | undefined, signed?: string): boolean {
  if (wanted.type === 'any') return true
  const said = signed === undefined ? undefined : inFull(signed)
  if (said === undefined) return false
  switch (wanted.type) {
    case 'exactReference':
      return said === inFull(wanted.reference)
    case 'exactRepository':
      return repositoryOf(said) === inFull(wanted.repository)
    case 'matchExact':
      return image !== undefined && !image.includes('@') && said === image
    case 'matchRepository':
      return image !== undefined && repositoryOf(said) === repositoryOf(image)
    case 'matchRepoDigestOrExact':
      return image !== undefined && repoDigestOrExact(image, said)
    case 'remapIdentity':
      return image !== undefined && repoDigestOrExact(remapped(image, wanted), said)
  }
}

/** The policy in words, for messages. */
export function identityInWords(wanted: SignedIdentity, image: string | undefined): string {
  switch (wanted.type) {
    case 'any':
      return 'any name'
    case 'exactReference':
      return wanted.reference
    case 'exactRepository':
      return wanted.repository
    case 'matchRepository':
      return image === undefined ? 'the name of the image' : repositoryOf(image)
    case 'remapIdentity':
      return image === undefined ? wanted.signedPrefix : remapped(image, wanted)
    default:
      return image ?? 'the name of the image'
  }
}

/** If an image is named only by its digest, that has already been compared. */
function repoDigestOrExact(image: string, said: string): boolean {
  const tagged = image.split('@')[0] ?? ''
  if (tagged !== repositoryOf(image)) return said === tagged
  return image.includes('@') && repositoryOf(said) === tagged
}

function remapped(image: string, { prefix, signedPrefix }: { prefix: string; signedPrefix: string }): string {
  const rest = image.slice(prefix.length)
  return image.startsWith(prefix) && (rest === '' || /^[/:@]/.test(rest)) ? `${signedPrefix}${rest}` : image
}

/** As docker spells it out; undefined for anything that is not a name. */
function inFull(name: string): string | undefined {
  try {
    const [tagged = '', ...digest] = name.split('@')
    const full = engineName(familiarName(tagged))
    const isTagged = repositoryOf(tagged) !== tagged
    return [isTagged ? full : repositoryOf(full), ...digest].join('@')
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined
    throw error
  }
}
