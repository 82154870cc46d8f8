import { ambiguousNames } from '../../../catalog/ambiguous.js'
import { AskedNames } from '../../../catalog/asked-name.js'
import { addTo } from '../../../manifests/groups.js'
import { hasCode, isDigest, show } from '../../../manifests/index.js'
import { imagesIn } from '../../choice/archive-images.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { newestOfEachName } from '../../choice/newest.js'
import { type OtherPlatforms, othersNote } from '../../choice/other-platforms.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { labelOf, namesOfImage } from '../../names/image-names.js'
import { splitTag } from '../../names/split-tag.js'
import type { Context } from '../../session/context.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { rootChoice } from '../../targets/targets.js'
import type { SaveRequest } from './request.js'

/**
 * The images of the store for a name that the sources do not have, or cannot be asked for; undefined if there
 * is none, or if the request names a source.
 * @param error why the sources could not give it
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
 * The images of the store that a digest or an id means. They need no source: their bytes are known.
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
  const all = await allInstalled(context, request)
  if (all.tagged.length === 0) return undefined
  const images = meant(all, target, request)
  for (const name of new Set(images.map(labelOf)))
    for (const one of all.left.get(name) ?? []) context.note(othersNote(one))
  return images.length > 0 ? { images, close: async () => {} } : undefined
}

/** What is installed, as it can be saved. */
interface Installed {
  tagged: TaggedImage[]
  /** What is left out, by the names of the images. */
  left: Map<string, OtherPlatforms[]>
  names: AskedNames
  repositories: Map<string, ChosenImage[]>
  digests: Map<string, ChosenImage[]>
}

const installedOf = new WeakMap<Context, Map<string, Promise<Installed>>>()

/** Read once in a run for each choice of platforms: a thousand names may be saved together. */
async function allInstalled(context: Context, request: SaveRequest): Promise<Installed> {
  const { platform, allPlatforms } = request
  const key = JSON.stringify([platform, allPlatforms])
  const known = installedOf.get(context) ?? new Map<string, Promise<Installed>>()
  installedOf.set(context, known)
  const all = known.get(key) ?? readInstalled(context, request)
  known.set(key, all)
  return await all
}

async function readInstalled(
  context: Context,
  { platform, allPlatforms, signal }: SaveRequest,
): Promise<Installed> {
  const store = await context.store()
  const tagged = await taggedImages(store)
  const left = new Map<string, OtherPlatforms[]>()
  const repositories = new Map<string, ChosenImage[]>()
  const digests = new Map<string, ChosenImage[]>()
  const nothing = { tagged, left, repositories, digests, names: new AskedNames([]) }
  if (tagged.length === 0) return nothing
  const source = await storeLayout(store)
  context.onClose(() => source.close())
  const choice = await rootChoice({ platform, allPlatforms, signal })
  const images = await imagesIn(source, {}, { ...choice, onOthers: (one) => addTo(left, one.name, one) })
  for (const image of images) {
    addTo(digests, image.root.digest, image)
    for (const name of repositoriesOf(image)) addTo(repositories, name, image)
  }
  return { ...nothing, names: new AskedNames(repositories.keys()) }
}

function repositoriesOf(image: ChosenImage): Set<string> {
  return new Set(namesOfImage(image, false).map(({ repository }) => repository))
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
function meant(all: Installed, target: string, { requiredVersion }: SaveRequest): ChosenImage[] {
  const { name, tag } = splitTag(target)
  const version = requiredVersion ?? tag
  const wanted = [...all.names.meant(name)]
  if (wanted.length > 1) throw ambiguousNames(wanted, name)
  const [repository] = wanted
  if (repository === undefined) return ofRows(all, imagesOfOne(target, all.tagged))
  const named = all.repositories.get(repository) ?? []
  if (version !== undefined) {
    const ofVersion = named.filter((image) => image.version === version)
    if (ofVersion.length > 0) return ofVersion
    const rows = imagesOfOne(repository, all.tagged).filter((row) => row.tag === version)
    return ofRows(all, rows).filter((image) => named.includes(image))
  }
  const newest = newestOfEachName(named)
  return named.filter((image) => newest.has(image))
}

function ofRows({ digests }: Installed, rows: TaggedImage[]): ChosenImage[] {
  const wanted = new Set(rows.flatMap(({ entry, digest }) => [entry.digest, digest]))
  return [...wanted].flatMap((digest) => digests.get(digest) ?? [])
}
