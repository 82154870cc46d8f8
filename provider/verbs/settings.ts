import { ContainerImageError, parsePlatform, show } from '../../manifests/index.js'
import { SETTABLE, type SettableKey, Settings } from '../settings/settings.js'

/** The value of a setting; undefined where it is not set. @throws USAGE for an unknown key */
export async function getSetting(key: string): Promise<string | undefined> {
  return (await Settings.read()).get(checkedKey(key))
}

/**
 * Sets a value, or forgets it where the value is undefined.
 * @throws USAGE for an unknown key, INVALID_PLATFORM, SETTINGS_READ_ONLY
 */
export async function setSetting(key: string, value: string | undefined): Promise<void> {
  const known = checkedKey(key)
  if (known === 'platform' && value !== undefined) parsePlatform(value)
  ;(await Settings.change()).set(known, value)
}

/** Every setting that has a value. */
export async function listSettings(): Promise<Record<string, string>> {
  const settings = await Settings.read()
  return Object.fromEntries(
    SETTABLE.map((key) => [key, settings.get(key)]).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  )
}

/** The file that holds the settings. */
export async function settingsPath(): Promise<string> {
  return (await Settings.read()).path
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
