import { ambiguousNames } from '../../../catalog/ambiguous.js'
import { namesMeant } from '../../../catalog/asked-name.js'
import { hasCode, show } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { newestOfEachName } from '../../choice/newest.js'
import { closedAfter } from '../../io/closing/closing.js'
import { namesOfImage } from '../../names/image-names.js'
import { splitTag } from '../../names/split-tag.js'
import type { Context } from '../../session/context.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { resolveTargets } from '../../targets/targets.js'
import type { SaveRequest } from './request.js'

/**
 * The images of the store for a name that the sources do not have, or cannot be asked for; undefined if there
 * is none, or if the request names a source.
 * @param error what kept the sources from giving it
 */
export async function installedInstead(
  context: Context,
  target: string,
  request: SaveRequest,
  error: unknown,
): Promise<ChosenImages | undefined> {
  if (!hasCode(error, 'NETWORK_UNREACHABLE', 'NETWORK_TIMEOUT', 'NO_MATCH') || asksForMore(request))
    return undefined
  const store = await context.store()
  const tagged = await taggedImages(store)
  if (tagged.length === 0) return undefined
  const { platform, allPlatforms, signal } = request
  const all = await resolveTargets(context, store.places.root, { platform, allPlatforms, signal })
  try {
    const images = meant(all.images, tagged, target, request)
    if (images.length > 0) {
      const why = error.code === 'NO_MATCH' ? 'No source has it.' : error.message
      context.note(`${show(target)} is saved as it is installed. ${why}`)
      return { images, close: () => all.close() }
    }
    await all.close()
    return undefined
  } catch (failed) {
    throw await closedAfter(failed, all)
  }
}

function asksForMore(request: SaveRequest): boolean {
  const { source, minimumVersion, maximumVersion, newest, exclude, allVersions } = request
  const more = [source, minimumVersion, maximumVersion, newest, exclude]
  return more.some((one) => one !== undefined) || allVersions === true
}

/**
 * Among the installed versions, the one whose version or other tag, such as `latest`, was requested; else the
 * newest.
 * @throws AMBIGUOUS_NAME
 */
function meant(
  images: ChosenImage[],
  tagged: TaggedImage[],
  target: string,
  { requiredVersion }: SaveRequest,
): ChosenImage[] {
  const { name, tag } = splitTag(target)
  const version = requiredVersion ?? tag
  const repositories = (image: ChosenImage): string[] =>
    namesOfImage(image, false).map(({ repository }) => repository)
  const wanted = namesMeant(name, images.flatMap(repositories))
  if (wanted.length > 1) throw ambiguousNames(wanted, name)
  const named = images.filter((image) => repositories(image).some((one) => wanted.includes(one)))
  if (version !== undefined) {
    const ofVersion = named.filter((image) => image.version === version)
    if (ofVersion.length > 0) return ofVersion
    const rows = tagged.filter((row) => wanted.includes(row.repository) && row.tag === version)
    const digests = new Set(rows.flatMap(({ entry, digest }) => [entry.digest, digest]))
    return named.filter((image) => digests.has(image.root.digest))
  }
  const newest = newestOfEachName(named)
  return named.filter((image) => newest.has(image))
}
