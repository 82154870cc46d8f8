import { ContainerImageError, parsePlatform, show } from '../../manifests/index.js'
import { SETTABLE, type SettableKey, Settings } from '../settings/settings.js'

/** The value of a setting; undefined where it is not set. @throws USAGE for an unknown key */
export function getSetting(key: string): string | undefined {
  return new Settings().get(checkedKey(key))
}

/**
 * Sets a value, or forgets it where the value is undefined.
 * @throws USAGE for an unknown key, INVALID_PLATFORM, SETTINGS_READ_ONLY
 */
export function setSetting(key: string, value: string | undefined): void {
  const known = checkedKey(key)
  if (known === 'platform' && value !== undefined) parsePlatform(value)
  new Settings().set(known, value)
}

/** Every setting that has a value. */
export function listSettings(): Record<string, string> {
  const settings = new Settings()
  return Object.fromEntries(
    SETTABLE.map((key) => [key, settings.get(key)]).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  )
}

/** The file that holds the settings. */
export function settingsPath(): string {
  return new Settings().path
}

function checkedKey(key: string): SettableKey {
  const known = SETTABLE.find((one) => one.toLowerCase() === key.replaceAll('-', '').toLowerCase())
  if (known) return known
  throw new ContainerImageError('USAGE', `There is no setting ${show(key)}.`, {
    expected: SETTABLE.join(', '),
    found: show(key),
    remedy: 'See `containerimage config list`.',
  })
}
