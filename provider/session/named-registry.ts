import { parseLocation } from '../../catalog/location.js'
import {
  ContainerImageError,
  command,
  isReference,
  option,
  parseReference,
  taken,
} from '../../manifests/index.js'
import { Settings } from './settings/settings.js'
import type { SourceSetting } from './settings/source-setting.js'

/** The parts of a request that may name a registry. */
export interface NamedPlaces {
  names?: string[]
  targets?: string[]
  references?: string[]
  source?: string
  /** Where images are sent to: `host[:port][/prefix]`, a URL, or the name of a source. */
  registry?: string
}

/**
 * The one registry that a request names, as its destination, by full references, or by its source: the
 * credentials given for this run are for it. Its mirrors, and other registries that the catalog leads to, do
 * not get them.
 * @throws USAGE if none is named, or several are
 */
export async function namedRegistry(request: NamedPlaces): Promise<string> {
  if (request.registry !== undefined)
    return (await registryOfSource(request.registry)) ?? hostOf(request.registry)
  const words = [...(request.names ?? []), ...(request.targets ?? []), ...(request.references ?? [])]
  const named = new Set(words.filter(isReference).map((word) => parseReference(word).registry))
  const ofSource = request.source === undefined ? undefined : await registryOfSource(request.source)
  if (ofSource !== undefined) named.add(ofSource)
  const [only, ...others] = named
  if (only !== undefined && others.length === 0) return only
  throw new ContainerImageError(
    'USAGE',
    only === undefined
      ? 'Credentials were given for this run, but it names no registry that they could be for.'
      : 'Credentials were given for this run, and it names several registries that they could be for.',
    {
      expected: 'one registry',
      found: only === undefined ? 'none' : [...named].join(', '),
      remedy: `Name one registry: a full reference${taken('source') === undefined ? '' : `, or ${option('source')} https://HOST`}. For several, run ${command('login', 'HOST')} for each.`,
    },
  )
}

function hostOf(place: string): string {
  const slash = place.indexOf('/')
  return (slash < 0 ? place : place.slice(0, slash)).toLowerCase()
}

async function registryOfSource(source: string): Promise<string | undefined> {
  const registered = (await Settings.read()).get('sources') ?? []
  const setting = registered.find(({ name }) => name.toLowerCase() === source.toLowerCase())
  const { location, type }: Pick<SourceSetting, 'location' | 'type'> = setting ?? {
    location: source,
    type: 'registry',
  }
  if (type !== 'registry' || !/^https?:\/\//i.test(location)) return undefined
  const parsed = parseLocation(location, { insecure: true })
  return parsed.kind === 'registry' ? parsed.registry : undefined
}
