import path from 'node:path'
import { ContainerImageError, option } from '../../../manifests/index.js'
import type { SignatureOptions } from '../../session/options.js'
import { readPublicKey } from '../keys/read-public-key.js'
import { type TrustedKey, trustedKeys } from '../trusted/trusted-keys.js'

/** Which signatures are demanded. */
export interface RequiredSigners {
  keys: readonly TrustedKey[]
  /** How many of the keys must have signed; 0 if nothing is checked. */
  needed: number
}

/**
 * What a request and the settings demand: one signature if any key is trusted; nothing if none is.
 * @throws USAGE, KEY_INVALID, SETTINGS_UNREADABLE
 */
export async function requiredSigners({
  requireSignatures,
  signedBy = [],
}: SignatureOptions): Promise<RequiredSigners> {
  if (requireSignatures !== undefined && (!Number.isSafeInteger(requireSignatures) || requireSignatures < 1))
    throw new ContainerImageError('USAGE', `${option('requireSignatures')} takes a number from 1 on.`, {
      expected: '1 or more',
      found: String(requireSignatures),
    })
  const keys = signedBy.length > 0 ? await namedKeys(signedBy) : await trustedKeys()
  const isAsked = requireSignatures !== undefined || keys.length > 0
  return { keys, needed: isAsked ? (requireSignatures ?? 1) : 0 }
}

/** Keys that a request names replace those of the settings, and count for every name. */
async function namedKeys(words: readonly string[]): Promise<TrustedKey[]> {
  const keys: TrustedKey[] = []
  for (const word of words)
    keys.push({ ...(await readPublicKey(word)), name: path.basename(word), patterns: [] })
  return keys
}
