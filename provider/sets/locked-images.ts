import { inRegistry } from '../../catalog/entry.js'
import { parseLocation } from '../../catalog/location.js'
import { ANNOTATIONS, ContainerImageError, type LockedImage, present, show } from '../../manifests/index.js'
import { chooseRoot } from '../choice/chosen-image.js'
import { closedAfter } from '../io/closing/closing.js'
import type { Context } from '../session/context.js'
import { Settings } from '../session/settings/settings.js'
import { nameOfReference } from '../targets/catalog-names.js'
import type { ChosenImages, TargetRequest } from '../targets/chosen-images.js'
import { openRegistryEntry } from '../targets/registry-entry.js'
import { resolveTargets, rootChoice } from '../targets/targets.js'
import type { ReadSet } from './read-set.js'

/**
 * Opens exactly the image in a lock: in a registry by its digest, whatever its tag means by now.
 * @throws NOT_FOUND if it is no longer there; DIGEST_MISMATCH if its name means another image
 */
export async function openLocked(
  context: Context,
  set: ReadSet,
  locked: LockedImage,
  request: TargetRequest,
): Promise<ChosenImages> {
  return locked.reference === undefined
    ? await byName(context, set, locked, request)
    : await byDigest(context, set, locked, locked.reference, request)
}

async function byDigest(
  context: Context,
  set: ReadSet,
  locked: LockedImage,
  reference: string,
  { signal, insecure }: TargetRequest,
): Promise<ChosenImages> {
  const { name, version, digest, index, source: offeredBy, publisher } = locked
  const isOpen = insecure || (await isPlainHttp(set, locked))
  const entry = {
    name,
    version,
    digest,
    summary: '',
    source: offeredBy ?? '',
    location: inRegistry(reference, isOpen),
  }
  const { source, root } = await openRegistryEntry(context, entry, signal)
  try {
    const chosen = await chooseRoot(source, root, await rootChoice({ allPlatforms: true, signal }))
    const origin = index && {
      [ANNOTATIONS.originIndex]: index.digest,
      [ANNOTATIONS.originIndexSize]: String(index.size),
    }
    const image = {
      source,
      ...chosen,
      annotations: { ...chosen.annotations, ...origin },
      ...present({ name, version, offeredBy, publisher, reference }),
      otherNames: nameOfReference(reference),
    }
    return { images: [image], close: () => source.close() }
  } catch (error) {
    throw await closedAfter(error, source)
  }
}

/** Whether the source that offered it may be reached over plain http. */
async function isPlainHttp(set: ReadSet, { source = '' }: LockedImage): Promise<boolean> {
  const settings = (await Settings.read()).get('sources') ?? []
  const setting = settings.find(({ name }) => name.toLowerCase() === source.toLowerCase())
  if (setting) return setting.insecure ?? false
  const location = set.sources?.[source] ?? source
  if (!/^http:/i.test(location)) return false
  const parsed = parseLocation(location, { type: 'registry', insecure: false })
  return parsed.kind === 'registry' && parsed.insecure
}

/** An image that is in no registry cannot be addressed by digest: its name must still mean the same. */
async function byName(
  context: Context,
  set: ReadSet,
  { name, version, platform, asked, digest }: LockedImage,
  request: TargetRequest,
): Promise<ChosenImages> {
  const wish = set.wishes.find((one) => one.asked === asked)
  const all = await resolveTargets(context, wish?.name ?? asked, {
    ...request,
    source: wish?.source,
    allPlatforms: wish?.allPlatforms ?? false,
    platform: platform === '' || wish?.allPlatforms ? undefined : platform,
    requiredVersion: wish && asked.endsWith(`:${version}`) ? undefined : version,
  })
  const images = all.images.filter((image) => image.root.digest === digest)
  if (images.length > 0) return { ...all, images }
  const found = all.images.map((image) => image.root.digest)
  throw await closedAfter(
    new ContainerImageError('DIGEST_MISMATCH', `${show(name)} ${show(version)} is not what the lock has.`, {
      side: 'source',
      expected: digest,
      found: found.join(', ') || 'no image',
      remedy: 'Find out who changed it; if the new one is wanted, update the lock.',
    }),
    all,
  )
}
