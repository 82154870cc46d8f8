import { ContainerImageError, show } from '../../../manifests/index.js'
import type { Settings } from './settings.js'

/** Their keys are `registries.<registry>.realm`. */
const KEY = /^registries\.(.+)\.realm$/i

/** The registry whose token service a key names; undefined for any other key. */
export function registryOfRealm(key: string): string | undefined {
  return KEY.exec(key)?.[1]?.toLowerCase()
}

export function realmKey(registry: string): string {
  return `registries.${registry}.realm`
}

/** The token services that the user has named, by registry. */
export function realmsOf(settings: Settings): Record<string, string> {
  const named = Object.entries(settings.get('registries') ?? {})
  return Object.fromEntries(named.flatMap(([registry, { realm }]) => (realm ? [[registry, realm]] : [])))
}

/** Sets the token service of a registry, or forgets it. @throws SOURCE_INVALID, SETTINGS_READ_ONLY */
export async function setRealm(settings: Settings, registry: string, url: string | undefined): Promise<void> {
  const { [registry]: before, ...others } = settings.get('registries') ?? {}
  const { realm: _, ...rest } = before ?? {}
  const now = { ...rest, ...(url === undefined ? {} : { realm: checked(url) }) }
  await settings.set('registries', Object.keys(now).length > 0 ? { ...others, [registry]: now } : others)
}

/** Credentials go there: over https, and to a host that is named and not hidden behind others. */
function checked(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && !url.username && !url.password) return url.href
  throw new ContainerImageError(
    'SOURCE_INVALID',
    'A token service is not a URL that credentials may be sent to.',
    {
      expected: 'https://host[:port][/path], without user and password',
      found: show(text.replace(/\/\/[^/@]*@/, '//')),
      remedy: 'Write it as https://host, as the registry names it.',
    },
  )
}
