import { readFile } from 'node:fs/promises'
import { entryVersion } from '../../catalog/entry-version.js'
import { compareVersions } from '../../catalog/version.js'
import { hasWildcard } from '../../catalog/wildcard.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  parseManifest,
  throwIfAborted,
} from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import { expandedFolder, imagesFolder, removeSetAside, setExpandedAside } from '../expand/expand.js'
import { type FullNameParts, parseFullName } from '../names/full-name.js'
import type { UninstallRequest, UninstallResult } from '../requests.js'
import { withoutArrivals } from '../store/arrivals.js'
import { sorted } from '../store/entries.js'
import { notInstalled, type TaggedImage, taggedImages } from '../store/images.js'
import { changeEntries } from '../store/index-file.js'
import type { Places } from '../store/places.js'
import { makeStore, type Store } from '../store/store.js'
import { removeBlobs, type SweptBlob, unneededBlobs } from '../store/sweep.js'
import { selects } from './get.js'
import { splitTag } from './split-tag.js'

/**
 * Removes images: their tags, and the blobs that no other image uses. `latest` moves to the newest version
 * that remains. A folder that an image was laid out in beside the store goes with it.
 * @throws NOT_INSTALLED; AMBIGUOUS_NAME where several versions fit and none was chosen; IN_USE where other
 * images are built on it, unless forced
 */
export async function uninstall(request: UninstallRequest): Promise<UninstallResult> {
  if (request.engine) {
    const { uninstallFromEngine } = await import('./uninstall-from-engine.js')
    return await uninstallFromEngine(request)
  }
  return await inContext(request, async (context) => {
    const store = await context.store()
    if ((await store.entries()).length === 0) throw notInstalled(described(request), [])
    if (request.whatIf) return await tellWhatWould(store, request)
    await makeStore(store.places)
    return await removeNow(store, request)
  })
}

async function tellWhatWould(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  const { result } = await planRemoval(store, await store.entries(), request)
  const images = imagesFolder(store.places.root)
  return withFolders(
    result,
    result.removed.map(({ fullName }) => expandedFolder(fullName, images)),
  )
}

function withFolders(
  result: UninstallResult,
  folders: ({ path: string; bytes: number } | undefined)[],
): UninstallResult {
  const expanded = folders.filter((folder) => folder !== undefined)
  return expanded.length > 0 ? { ...result, expanded } : result
}

async function removeNow(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  let planned: Removal | undefined
  const images = imagesFolder(store.places.root)
  const folders: ReturnType<typeof expandedFolder>[] = []
  await changeEntries(
    store.places,
    async (entries) => {
      planned = await planRemoval(store, entries, request)
      throwIfAborted(request.signal)
      // Before the names: a folder in use, and a run that is killed here, leave an image to uninstall again.
      for (const { fullName } of planned.result.removed)
        folders.push(await setExpandedAside(fullName, images))
      return planned.remaining
    },
    request.signal ? { signal: request.signal } : {},
  )
  if (!planned) throw new ContainerImageError('UNEXPECTED', 'Nothing was planned.')
  // The names go first: killed here, the store is whole, and prune frees the rest.
  await changeEntries(store.places, async (entries) => {
    const unneeded = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
    const blobs = planned?.blobs.filter((blob) => unneeded.has(blob.digest)) ?? []
    await removeBlobs(store.places, await withoutArrivals(store.places, blobs))
    return undefined
  })
  for (const { fullName } of planned.result.removed) await removeSetAside(fullName, images)
  return withFolders(planned.result, folders)
}

interface Removal {
  remaining: Descriptor[]
  blobs: SweptBlob[]
  result: UninstallResult
}

async function planRemoval(store: Store, entries: Descriptor[], request: UninstallRequest): Promise<Removal> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const chosen = chooseImages(images, request)
  if (!request.force) refuseDependents(chosen, images)
  const gone = new Set(chosen.map((image) => image.entry))
  const kept = entries.filter((entry) => !gone.has(entry))
  const moved = movedLatest(chosen, images)
  const withMoved = [...kept, ...moved.map((move) => move.entry)]
  const remaining = sorted(await withoutOrphans(store.places, withMoved, [...gone]))
  const before = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
  const blobs = (await unneededBlobs(store.places, remaining)).filter((blob) => !before.has(blob.digest))
  return {
    remaining,
    blobs,
    result: {
      removed: summed(chosen),
      freedBytes: blobs.reduce((sum, blob) => sum + blob.size, 0),
      ...(moved.length > 0
        ? { latest: moved.map(({ tag, digest, version }) => ({ tag, digest, version })) }
        : {}),
    },
  }
}

/** Every tag of the images that the request means; all of them have the same name and version, or were asked for. */
function chooseImages(images: TaggedImage[], request: UninstallRequest): TaggedImage[] {
  const named = images.filter(nameTest(request))
  const versions = named.filter(versionTest(request))
  if (versions.length === 0) throw notInstalled(described(request), images)
  const chosen = new Set(versions.map((image) => image.fullName))
  const isOpen =
    !request.version && !request.allVersions && !request.fullName && !splitTag(request.name ?? '').tag
  if (isOpen && chosen.size > 1)
    throw new ContainerImageError(
      'AMBIGUOUS_NAME',
      `${described(request)} is installed in ${chosen.size} versions.`,
      {
        expected: 'one version',
        found: [...chosen].join(', '),
        remedy: 'Give one with --version, or all of them with --all-versions.',
        details: { fullNames: [...chosen] },
      },
    )
  // Tags that were given with `tag` name the same image, and go with it.
  return images.filter((image) => chosen.has(image.fullName))
}

function nameTest(request: UninstallRequest): (image: TaggedImage) => boolean {
  if (request.fullName !== undefined) {
    const wanted = request.fullName
    if (hasWildcard(wanted)) return selects([wanted])
    const parts: FullNameParts = parseFullName(wanted)
    return (image) =>
      image.fullName.toLowerCase() === wanted.toLowerCase() ||
      (image.name.toLowerCase() === parts.name.toLowerCase() &&
        image.fullName.endsWith(`_${parts.version}`) &&
        image.fullName.toLowerCase().startsWith(`cn=${parts.publisher.toLowerCase()}_`))
  }
  if (!request.name)
    throw new ContainerImageError('USAGE', 'Which image is to be uninstalled was not said.', {
      expected: 'a name, or --full-name',
      found: 'neither',
    })
  return selects([request.name])
}

function versionTest(request: UninstallRequest): (image: TaggedImage) => boolean {
  const { version } = request
  if (version === undefined) return () => true
  return (image) => image.version === version || image.local.tag === version
}

function described(request: UninstallRequest): string {
  return request.fullName ?? [request.name ?? '', request.version].filter(Boolean).join(' ')
}

function distinctNames(images: TaggedImage[]): string[] {
  return [...new Set(images.map((image) => image.fullName))]
}

/** Images whose first layers are all the layers of one that would go. @throws IN_USE */
function refuseDependents(chosen: TaggedImage[], images: TaggedImage[]): void {
  const going = new Set(chosen.map((image) => image.fullName))
  const dependents = images.filter(
    (image) => !going.has(image.fullName) && chosen.some((base) => isBuiltOn(image, base)),
  )
  if (dependents.length === 0) return
  const names = distinctNames(dependents)
  throw new ContainerImageError('IN_USE', `Other images are built on it: ${names.join(', ')}.`, {
    side: 'destination',
    expected: 'no images built on it',
    found: `${names.length}: ${names.join(', ')}`,
    remedy: 'Uninstall these first, or use --force.',
    details: { dependents: names },
  })
}

function isBuiltOn(image: TaggedImage, base: TaggedImage): boolean {
  const own = image.config.rootfs.diff_ids
  const below = base.config.rootfs.diff_ids
  return below.length > 0 && own.length > below.length && below.every((id, i) => own[i] === id)
}

interface MovedLatest {
  entry: Descriptor
  tag: string
  digest: Digest
  version: string
}

/** Where `latest` goes: to the newest version of the same repository that remains. */
function movedLatest(chosen: TaggedImage[], images: TaggedImage[]): MovedLatest[] {
  const going = new Set(chosen)
  const moves: MovedLatest[] = []
  for (const image of chosen) {
    if (image.local.tag !== 'latest') continue
    const rest = images.filter(
      (other) => !going.has(other) && other.local.repository === image.local.repository,
    )
    const newest = newestImage(rest)
    if (!newest) continue
    const annotations = { ...newest.entry.annotations, [ANNOTATIONS.refName]: image.refName }
    moves.push({
      entry: { ...newest.entry, annotations },
      tag: image.refName,
      digest: newest.entry.digest,
      version: newest.version,
    })
  }
  return moves
}

/** By version; images whose version is a mere tag come after those, by the time they were made. */
function newestImage(images: TaggedImage[]): TaggedImage | undefined {
  return [...images].sort((a, b) => {
    const [left, right] = [entryVersion(a), entryVersion(b)]
    if (left && right) return compareVersions(right, left)
    if (left || right) return left ? -1 : 1
    return (b.config.created ?? '').localeCompare(a.config.created ?? '')
  })[0]
}

/** Entries without the signatures and other artifacts of what is gone now. */
async function withoutOrphans(
  places: Places,
  entries: Descriptor[],
  gone: Descriptor[],
): Promise<Descriptor[]> {
  const left = subjectsAmong(entries)
  const orphaned = new Set([...subjectsAmong(gone)].filter((digest) => !left.has(digest)))
  const kept: Descriptor[] = []
  for (const entry of entries) {
    const subject = await subjectOf(places, entry)
    if (subject === undefined || !orphaned.has(subject)) kept.push(entry)
  }
  return kept
}

/** What signatures may be over: the entries themselves, and the indexes that they were chosen from. */
function subjectsAmong(entries: Descriptor[]): Set<Digest> {
  const origins = entries.map((entry) => entry.annotations?.[ANNOTATIONS.originIndex])
  return new Set([
    ...entries.map((entry) => entry.digest),
    ...origins.filter((digest) => digest !== undefined),
  ])
}

async function subjectOf(places: Places, entry: Descriptor): Promise<Digest | undefined> {
  const tag = /:sha256-([0-9a-f]{64})(\.\w+)?$/.exec(entry.annotations?.[ANNOTATIONS.refName] ?? '')
  if (tag?.[1]) return `sha256:${tag[1]}`
  if (entry.annotations?.[ANNOTATIONS.refName] !== undefined || !isManifestType(entry.mediaType))
    return undefined
  if (entry.size > LIMITS.manifestBytes) return undefined
  try {
    return parseManifest(await readFile(places.blob(entry.digest)), entry.mediaType).subject?.digest
  } catch {
    return undefined
  }
}

function summed(chosen: TaggedImage[]): UninstallResult['removed'] {
  const byName = new Map<string, UninstallResult['removed'][number]>()
  for (const image of chosen) {
    const known = byName.get(`${image.fullName} ${image.entry.digest}`)
    if (known) known.tags.push(image.refName)
    else
      byName.set(`${image.fullName} ${image.entry.digest}`, {
        name: image.name,
        version: image.version,
        fullName: image.fullName,
        digest: image.entry.digest,
        tags: [image.refName],
      })
  }
  return [...byName.values()]
}
