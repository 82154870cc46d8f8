import path from 'node:path'
import { ContainerImageError, command, parsePlatform, show } from '../../../manifests/index.js'
import { gateWords } from '../../gate/command.js'
import { mirrorText } from '../../session/settings/mirror-text.js'
import { realmKey, realmsOf, registryOfRealm, setRealm } from '../../session/settings/realm-setting.js'
import {
  MIRRORS_KEY,
  SETTABLE,
  type SettableKey,
  Settings,
  settingsFile,
} from '../../session/settings/settings.js'
import { getMirrors, listMirrors, setMirrors } from '../mirrors/mirrors.js'

/** The value of a setting, in words; undefined if it is not set. @throws USAGE for an unknown key */
export async function getSetting(key: string): Promise<string | undefined> {
  const registry = registryOf(key)
  if (registry !== undefined) {
    const mirrors = await getMirrors(registry)
    return mirrors && mirrorText(mirrors)
  }
  const ofRealm = registryOfRealm(key)
  if (ofRealm !== undefined) return realmsOf(await Settings.read())[ofRealm]
  return (await Settings.read()).get(checkedKey(key))
}

/** The registry whose mirrors a key names; undefined for any other key. */
function registryOf(key: string): string | undefined {
  return key.toLowerCase().startsWith(MIRRORS_KEY) ? key.slice(MIRRORS_KEY.length) : undefined
}

/**
 * Sets a value, or removes it if the value is undefined.
 * @throws USAGE for an unknown key, INVALID_PLATFORM, SETTINGS_READ_ONLY, SOURCE_INVALID for a realm; for mirrors as setMirrors
 */
export async function setSetting(key: string, value: string | undefined): Promise<void> {
  const registry = registryOf(key)
  if (registry !== undefined) {
    const urls = (value ?? '').split(/[\s,]+/).filter(Boolean)
    await setMirrors({ registry, urls })
    return
  }
  const ofRealm = registryOfRealm(key)
  if (ofRealm !== undefined) return await setRealm(await Settings.change(), ofRealm, value)
  const known = checkedKey(key)
  if (known === 'platform' && value !== undefined) parsePlatform(value)
  if (known === 'gate' && value !== undefined) gateWords(value)
  // It has to mean the same wherever a command is run.
  const kept = known === 'policy' && value !== undefined ? path.resolve(value) : value
  await (await Settings.change()).set(known, kept)
}

/** Every setting that has a value, in words. */
export async function listSettings(): Promise<Record<string, string>> {
  const settings = await Settings.read()
  const mirrors = Object.entries(await listMirrors())
  return Object.fromEntries([
    ...SETTABLE.map((key) => [key, settings.get(key)]).filter((pair) => pair[1] !== undefined),
    ...mirrors.map(([registry, one]) => [`${MIRRORS_KEY}${registry}`, mirrorText(one)]),
    ...Object.entries(realmsOf(settings)).map(([registry, realm]) => [realmKey(registry), realm]),
  ])
}

/** The file that holds the settings. */
export async function settingsPath(): Promise<string> {
  return settingsFile()
}

function checkedKey(key: string): SettableKey {
  const known = SETTABLE.find((one) => one.toLowerCase() === key.replaceAll('-', '').toLowerCase())
  if (known) return known
  throw new ContainerImageError('USAGE', `There is no setting ${show(key)}.`, {
    expected: `${SETTABLE.join(', ')}, mirrors.<registry>, registries.<registry>.realm`,
    found: show(key),
    remedy: `See ${command('config', 'list')}.`,
  })
}
