import type { Entry } from '../../../catalog/entry.js'
import { bestOf, mayHold } from '../../../catalog/entry-platform.js'
import {
  type ArtifactKind,
  hasCode,
  isDigest,
  isReference,
  type Platform,
  present,
} from '../../../manifests/index.js'
import { chooseRoot } from '../../choice/chosen-image.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { evenIfNewer } from '../../choice/newer-builds.js'
import { platformsNamed } from '../../choice/platforms-named.js'
import { inParallel } from '../../copy/in-parallel.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { type OpenedCatalog, openCatalog } from '../../sources/open-catalog.js'
import { engineSource } from '../../targets/engine-source.js'
import type { FindRequest, FindResult, FoundImage } from './request.js'

/** For this many images, reading platform and digest takes only a moment; a longer list is shown as it is. */
const LOOK_INTO = 24
const AT_ONCE = 8

/**
 * The images that the sources offer for some names and versions: the newest of each name, or what the version
 * parameters mean. @throws NO_MATCH for an exact name that no source has; VERSION_PARAMETERS; network errors
 * if no source answers
 */
export async function find(given: FindRequest = {}): Promise<FindResult> {
  if (given.set === undefined) return await findNames(given)
  const { findSet } = await import('./find-set.js')
  return await findSet(given, given.set, findNames)
}

async function findNames(given: FindRequest): Promise<FindResult> {
  const request = withReference(given)
  return await inContext(request, async (context) => {
    const { catalog, source } = await catalogOf(context, request.source)
    const { names, requiredVersion, minimumVersion, maximumVersion, allVersions, signal } = request
    const { newest, exclude } = request
    const platforms = platformsNamed(request.platform)
    const { entries, notes, isOffline } = await catalog.find({
      names,
      requiredVersion,
      minimumVersion,
      maximumVersion,
      allVersions,
      newest,
      exclude,
      signal,
      platforms,
      source,
    })
    const looked = isOffline ? new Map() : await lookInto(context, entries, platforms)
    return { images: entries.flatMap((entry) => rowsOf(entry, looked.get(entry), platforms)), notes }
  })
}

/** `docker://HOST/NAME[:TAG]`, as skopeo writes a reference, names itself. */
function withReference(request: FindRequest): FindRequest {
  const { source, names = [] } = request
  const reference = /^docker:\/\/(.+)$/i.exec(source ?? '')?.[1]
  if (reference === undefined) return request
  if (!isReference(reference)) return { ...request, source: `https://${reference}` }
  return { ...request, source: undefined, names: [reference, ...names] }
}

/** A named engine is a source like any other. */
async function catalogOf(context: Context, named: string | undefined): Promise<OpenedCatalog> {
  const engine = engineSource(named)
  if (named === undefined || !engine) return await openCatalog(context, named)
  const { engineCatalog } = await import('./engine-catalog.js')
  return { catalog: engineCatalog(named, engine) }
}

/** An artifact cannot run. */
const NO_PLATFORM: Platform = { os: '', architecture: '' }

interface Looked {
  platform: Platform | undefined
  artifact?: ArtifactKind
  digest: string
  size?: number
}

/** Reads the manifests of a short list, for what a registry's tag list does not say. */
async function lookInto(
  context: Context,
  entries: Entry[],
  platforms: Platform[],
): Promise<Map<Entry, Looked[]>> {
  const looked = new Map<Entry, Looked[]>()
  const open = entries.filter((entry) => entry.location.kind === 'registry')
  if (open.length > LOOK_INTO) return looked
  await inParallel(open, AT_ONCE, context.options.signal, async (entry, signal) => {
    try {
      looked.set(entry, await lookAt(context, entry, platforms, signal))
    } catch (error) {
      // The list is still worth showing without these; saving or installing says what is wrong.
      if (hasCode(error, 'INTERRUPTED')) throw error
    }
  })
  return looked
}

async function lookAt(
  context: Context,
  entry: Entry,
  platforms: Platform[],
  signal: AbortSignal,
): Promise<Looked[]> {
  const { openRegistryEntry } = await import('../../targets/registry-entry.js')
  const { source, root } = await openRegistryEntry(context, entry, signal)
  return await closing(source, async () => {
    const looked: Looked[] = []
    for (const platform of platforms.length > 0 ? platforms : [undefined]) {
      const chosen = await evenIfNewer(hostPlatform(), (host) =>
        chooseRoot(source, root, { host, allPlatforms: false, signal, platform }),
      ).catch((error) => {
        // If several platforms are named, the existing ones are listed.
        if (platforms.length > 1 && hasCode(error, 'PLATFORM_NOT_FOUND')) return undefined
        throw error
      })
      if (chosen)
        looked.push({ platform: chosen.platform, artifact: chosen.artifact, digest: chosen.root.digest })
    }
    return [...new Map(looked.map((one) => [one.digest, one])).values()]
  })
}

/** One row, or one for each platform that was named and is there. */
function rowsOf(entry: Entry, looked: Looked[] | undefined, platforms: Platform[]): FoundImage[] {
  const [wanted] = platforms
  if (looked || platforms.length < 2 || !entry.platforms)
    return (looked ?? [undefined]).map((one) => found(entry, one, wanted))
  return platforms
    .filter((platform) => mayHold(entry, platform))
    .map((platform) => found(entry, undefined, platform))
}

function found(entry: Entry, looked: Looked | undefined, wanted: Platform | undefined): FoundImage {
  const artifact = looked?.artifact ?? entry.artifact
  const said =
    looked?.platform ??
    (wanted && bestOf(entry, wanted)) ??
    entry.platform ??
    entry.platforms?.[0] ??
    wanted ??
    hostPlatform()
  const { os, architecture, variant, 'os.version': osVersion }: Platform = artifact ? NO_PLATFORM : said
  const digest = looked?.digest ?? entry.digest
  return present({
    name: entry.name,
    version: entry.version,
    os,
    architecture,
    variant: variant && (looked || entry.platform) ? variant : undefined,
    osVersion: osVersion && (looked || entry.platform) ? osVersion : undefined,
    source: entry.source,
    // Anything that is not an image is named by its kind.
    summary: [artifact?.kind, entry.summary].filter(Boolean).join(', '),
    reference: entry.location.kind === 'registry' ? entry.location.reference : undefined,
    digest: digest && isDigest(digest) ? digest : undefined,
    size: entry.size,
    ...artifact,
  })
}
