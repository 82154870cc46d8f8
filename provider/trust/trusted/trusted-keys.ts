import { matcher } from '../../../catalog/wildcard.js'
import { ContainerImageError, command } from '../../../manifests/index.js'
import { Settings } from '../../session/settings/settings.js'
import type { TrustSetting } from '../../session/settings/trust-setting.js'
import { type PublicKey, parsePublicKey } from '../minisign/public-key.js'

/** A key whose signatures count here. */
export interface TrustedKey extends PublicKey {
  /** What the user calls it. */
  name: string
  /** Patterns of the names that it may sign; none if it may sign all. */
  patterns: readonly string[]
}

/**
 * The keys in the settings.
 * @throws SETTINGS_UNREADABLE, KEY_INVALID
 */
export async function trustedKeys(): Promise<TrustedKey[]> {
  return ((await Settings.read()).get('trust') ?? []).map(trustedKey)
}

export function trustedKey({ name, key, for: patterns = [] }: TrustSetting): TrustedKey {
  try {
    return { name, patterns, ...parsePublicKey(Buffer.from(key), `The key ${name} in the settings`) }
  } catch (error) {
    if (!(error instanceof ContainerImageError)) throw error
    const { message, side, expected, found, code } = error
    const remedy = `Remove it with ${command('trust', 'remove', name)}, and add the right one.`
    throw new ContainerImageError(code, message, { side, expected, found, remedy, cause: error })
  }
}

/** Whether a key may sign an image of this name: `debian`, `quay.io/opstree/redis`. */
export function isFor({ patterns }: TrustedKey, name: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matcher(pattern)(name))
}

/** For messages: `build 1A275BD32960AD9D`. */
export function keyLabel({ name, id }: Pick<TrustedKey, 'name' | 'id'>): string {
  return `${name} (${id})`
}
