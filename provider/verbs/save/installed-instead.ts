import { ambiguousNames } from '../../../catalog/ambiguous.js'
import { namesMeant } from '../../../catalog/asked-name.js'
import { hasCode, isDigest, show } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { newestOfEachName } from '../../choice/newest.js'
import { type OtherPlatforms, othersNote } from '../../choice/other-platforms.js'
import { closedAfter } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { labelOf, namesOfImage } from '../../names/image-names.js'
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
  const found = await installed(context, target, request)
  const why = error.code === 'NO_MATCH' ? 'No source has it.' : error.message
  if (found) context.note(`${show(target)} is saved as it is installed. ${why}`)
  return found
}

/**
 * The images of the store that a digest or an id means. Whoever has them needs no source: their bytes are known.
 * @returns undefined for any other name, if there is none, or if the request names a source
 */
export async function installedByDigest(
  context: Context,
  target: string,
  request: SaveRequest,
): Promise<ChosenImages | undefined> {
  return asksForMore(request) ? undefined : await installed(context, target, request)
}

/** Whether a text is a digest, docker's id of an image or `name@sha256:...`; a shorter id may well be a name. */
export function isByDigest(target: string): boolean {
  return isDigest(target.slice(target.lastIndexOf('@') + 1)) || /^[0-9a-f]{12,64}$/.test(target)
}

async function installed(
  context: Context,
  target: string,
  request: SaveRequest,
): Promise<ChosenImages | undefined> {
  const store = await context.store()
  const tagged = await taggedImages(store)
  if (tagged.length === 0) return undefined
  const { platform, allPlatforms, signal } = request
  const left: OtherPlatforms[] = []
  const all = await resolveTargets(context, store.places.root, {
    platform,
    allPlatforms,
    signal,
    onOthers: (one) => left.push(one),
  })
  try {
    const images = meant(all.images, tagged, target, request)
    const labels = new Set(images.map(labelOf))
    for (const one of left) if (labels.has(one.name)) context.note(othersNote(one))
    if (images.length > 0) return { images, close: () => all.close() }
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
 * By its digest or id; else among the installed versions, the one whose version or other tag, such as `latest`, was requested; else the
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
  if (wanted.length === 0) return ofRows(images, imagesOfOne(target, tagged))
  const named = images.filter((image) => repositories(image).some((one) => wanted.includes(one)))
  if (version !== undefined) {
    const ofVersion = named.filter((image) => image.version === version)
    if (ofVersion.length > 0) return ofVersion
    const rows = tagged.filter((row) => wanted.includes(row.repository) && row.tag === version)
    return ofRows(named, rows)
  }
  const newest = newestOfEachName(named)
  return named.filter((image) => newest.has(image))
}

function ofRows(images: ChosenImage[], rows: TaggedImage[]): ChosenImage[] {
  const digests = new Set(rows.flatMap(({ entry, digest }) => [entry.digest, digest]))
  return images.filter((image) => digests.has(image.root.digest))
}
