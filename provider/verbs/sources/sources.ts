import path from 'node:path'
import { parseLocation } from '../../../catalog/location.js'
import { tagRule as checkedTagRule } from '../../../catalog/tag-rule.js'
import { ContainerImageError, show, withoutSecrets } from '../../../manifests/index.js'
import { Settings } from '../../session/settings/settings.js'
import type { SourceSetting } from '../../session/settings/source-setting.js'

/** What `source add` takes; default type: by the form of the location. */
export type NewSource = Omit<SourceSetting, 'type'> & { type?: SourceSetting['type'] }

const EMBEDDED: SourceSetting = { name: 'embedded', location: '(ships with the program)', type: 'embedded' }

/**
 * The registered sources in the order in which they are asked, and the built-in catalog, last. Secret parts
 * of their locations are masked: someone who reads a list should not get access by it.
 */
export async function listSources(): Promise<SourceSetting[]> {
  return [...((await Settings.read()).get('sources') ?? []).map(toShow), EMBEDDED]
}

function toShow(source: SourceSetting): SourceSetting {
  return { ...source, location: withoutSecrets(source.location) }
}

/**
 * Registers a source; it is not contacted yet.
 * @throws SOURCE_EXISTS, SOURCE_INVALID, SOURCE_INSECURE, SETTINGS_READ_ONLY
 */
export async function addSource(source: NewSource): Promise<SourceSetting> {
  const settings = await Settings.change()
  const added = checked(source)
  const sources = settings.get('sources') ?? []
  if ([...sources, EMBEDDED].some((other) => sameName(other.name, added.name)))
    throw new ContainerImageError('SOURCE_EXISTS', `There is a source ${show(added.name)} already.`)
  await settings.set('sources', [...sources, added])
  return toShow(added)
}

/** @throws SOURCE_UNKNOWN, SETTINGS_READ_ONLY */
export async function removeSource(name: string): Promise<SourceSetting> {
  const settings = await Settings.change()
  const sources = settings.get('sources') ?? []
  const removed = sources.find((source) => sameName(source.name, name))
  if (!removed)
    throw new ContainerImageError('SOURCE_UNKNOWN', `Package source ${show(name)} not found.`, {
      expected: sources.map((source) => source.name).join(', ') || 'a registered source',
      found: show(name),
      ...(sameName(name, 'embedded') ? { remedy: 'The built-in catalog cannot be removed.' } : {}),
    })
  await settings.set(
    'sources',
    sources.filter((source) => source !== removed),
  )
  return toShow(removed)
}

function checked({ name, location, type, insecure, tagRule }: NewSource): SourceSetting {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new ContainerImageError('SOURCE_INVALID', `${show(name)} cannot be the name of a source.`, {
      expected: 'letters, digits, . _ and -, beginning with a letter or digit',
      found: show(name),
      remedy: 'Choose another name.',
    })
  if (type === 'embedded')
    throw new ContainerImageError('SOURCE_INVALID', 'The built-in catalog is always there.')
  if (tagRule !== undefined) checkedTagRule(tagRule)
  const kind = parseLocation(location, { type, insecure }).kind
  const isWeb = /^https?:\/\//i.test(location)
  return {
    name,
    location: isWeb ? location : path.resolve(location),
    type: kind,
    insecure: insecure || undefined,
    tagRule,
  }
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
