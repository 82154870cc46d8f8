import { entryVersion } from '../../../catalog/entry-version.js'
import { compareVersions } from '../../../catalog/version.js'
import { hasWildcard, matcher } from '../../../catalog/wildcard.js'
import { groupedBy } from '../../../manifests/groups.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  impossible,
  option,
  present,
  sameMachine,
  show,
  throwIfAborted,
} from '../../../manifests/index.js'
import { relistMedia } from '../../formats/media/relist.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { isKnownByDigest } from '../../names/by-digest.js'
import { parseFullName } from '../../names/full-name.js'
import { splitTag } from '../../names/split-tag.js'
import { inContext } from '../../session/context.js'
import { withoutArrivals } from '../../store/arrivals.js'
import { sorted } from '../../store/entries.js'
import {
  folderOfGone,
  type GoneFolder,
  type GoneImage,
  removeSetAside,
  setFolderAside,
} from '../../store/expand/take-away.js'
import { notInstalled, shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { changeEntries } from '../../store/index-file.js'
import { withoutOrphans } from '../../store/orphans.js'
import { makeStore, type Store } from '../../store/store.js'
import { removeBlobs, type SweptBlob, unneededBlobs } from '../../store/sweep.js'
import { askedOneByOne } from './asked-one-by-one.js'
import type { UninstallRequest, UninstallResult } from './request.js'

/**
 * Removes names, and an image with its last one: its blobs that no other image uses. If all names of a
 * package are removed, `latest` moves to the newest remaining version. The folder that an image was laid out
 * in beside the store is removed with it, unless another store uses it too. @throws NOT_INSTALLED;
 * AMBIGUOUS_NAME if several versions match and none was chosen; IN_USE if other images are built on it,
 * unless forced
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
    const result = await removeNow(store, request)
    await relistMedia(store.places.root, { hasher: context.hasher, signal: request.signal })
    return result
  })
}

async function tellWhatWould(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  const { result } = await planRemoval(store, await store.entries(), request)
  return withFolders(
    result,
    goneImages(result).map((image) => folderOfGone(image, store.places.root)),
  )
}

/** A name may mean several images, but has one folder; an image that keeps another name keeps it. */
function goneImages({ removed }: UninstallResult): GoneImage[] {
  const gone = removed.filter(({ fullName, remaining }) => fullName !== '' && remaining === undefined)
  return distinct(gone.map(({ fullName }) => fullName)).map((fullName) => ({
    fullName,
    digests: new Set(gone.filter((image) => image.fullName === fullName).map(({ digest }) => digest)),
  }))
}

function withFolders(result: UninstallResult, folders: (GoneFolder | undefined)[]): UninstallResult {
  const expanded = folders.flatMap((one) => (one && !one.stays ? [{ path: one.path, bytes: one.bytes }] : []))
  const kept = folders.flatMap((one) => (one?.stays ? [{ path: one.path, stores: one.stores }] : []))
  return {
    ...result,
    ...(expanded.length > 0 ? { expanded } : {}),
    ...(kept.length > 0 ? { kept } : {}),
  }
}

async function removeNow(store: Store, request: UninstallRequest): Promise<UninstallResult> {
  let planned: Removal | undefined
  const { root } = store.places
  const folders: (GoneFolder | undefined)[] = []
  await changeEntries(
    store.places,
    async (entries, lock) => {
      planned = await planRemoval(store, entries, request)
      throwIfAborted(request.signal)
      // Before the names: after a failure on a folder in use, or a kill here, the image can be uninstalled
      // again.
      await lock.check()
      for (const image of goneImages(planned.result))
        folders.push(await setFolderAside(image, root, request.signal))
      return planned.remaining
    },
    { signal: request.signal },
  )
  if (!planned) impossible('Nothing was planned.')
  // The names go first: killed here, the store is whole, and prune frees the rest.
  await changeEntries(store.places, async (entries, lock) => {
    const unneeded = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
    const blobs = planned?.blobs.filter((blob) => unneeded.has(blob.digest)) ?? []
    await removeBlobs(store.places, await withoutArrivals(store.places, blobs), lock)
    return undefined
  })
  for (const image of goneImages(planned.result)) await removeSetAside(image, root)
  return withFolders(planned.result, folders)
}

interface Removal {
  remaining: Descriptor[]
  blobs: SweptBlob[]
  result: UninstallResult
}

async function planRemoval(store: Store, entries: Descriptor[], request: UninstallRequest): Promise<Removal> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const { rows, ofPackages } = chooseAll(images, request)
  const chosen = new Set(rows)
  const staying = images.filter((image) => !chosen.has(image))
  const digests = new Set(staying.map(({ digest }) => digest))
  const going = rows.filter((image) => !digests.has(image.digest))
  if (!request.force) refuseDependents(going, images)
  const gone = new Set(rows.map((image) => image.entry))
  const kept = entries.filter((entry) => !gone.has(entry))
  const moved = movedLatest(ofPackages, rows, images)
  const withMoved = [...kept, ...moved.map((move) => move.entry)]
  const remaining = sorted(await withoutOrphans(store.places, withMoved, [...gone]))
  const before = new Set((await unneededBlobs(store.places, entries)).map((blob) => blob.digest))
  const blobs = (await unneededBlobs(store.places, remaining)).filter((blob) => !before.has(blob.digest))
  return {
    remaining,
    blobs,
    result: present({
      removed: summed(rows, staying),
      freedBytes: blobs.reduce((sum, blob) => sum + blob.size, 0),
      latest:
        moved.length > 0 ? moved.map(({ tag, digest, version }) => ({ tag, digest, version })) : undefined,
    }),
  }
}

/** The entries of the store's index to remove. */
interface ChosenRows {
  rows: TaggedImage[]
  /** Those that make up everything from one installation. */
  ofPackages: TaggedImage[]
}

function chooseAll(images: TaggedImage[], request: UninstallRequest): ChosenRows {
  const ofPackage = groupedBy(images, packageOf)
  const chosen = askedOneByOne(request).map((one) => chooseImages(images, ofPackage, one))
  return {
    rows: [...new Set(chosen.flatMap(({ rows }) => rows))],
    ofPackages: [...new Set(chosen.flatMap(({ ofPackages }) => ofPackages))],
  }
}

/**
 * `NAME:TAG` means that one name, as for `docker rmi`; a full name, or a name and a version, means the
 * package: all names that its installation gave.
 */
function chooseImages(
  images: TaggedImage[],
  ofPackage: ReadonlyMap<string, TaggedImage[]>,
  request: UninstallRequest,
): ChosenRows {
  const named = namedImages(images, request).filter(versionTest(request))
  if (named.length === 0) throw notInstalled(described(request), images.map(shownName))
  const { name = '', version, fullName, allVersions } = request
  const isByTag = fullName === undefined && version === undefined && splitTag(name).tag !== undefined
  if (isByTag) return { rows: named, ofPackages: [] }
  const packages = new Set(named.map(packageOf))
  const isOpen = !version && !allVersions && !fullName && !isMark(name, named)
  if (isOpen && packages.size > 1) throw severalVersions(described(request), named)
  const isPattern = hasWildcard(fullName ?? '')
  if (fullName !== undefined && !isPattern && haveSeveral(named)) throw severalImages(fullName, named)
  const rows = [...packages].flatMap((one) => ofPackage.get(one) ?? [])
  return { rows, ofPackages: rows }
}

/** What one installation named; an image without a name counts as an installation of its own. */
function packageOf({ fullName, digest }: TaggedImage): string {
  return fullName || digest
}

/** Whether a text is a digest or an id, not a name. */
function isMark(text: string, [first]: TaggedImage[]): boolean {
  return (
    first !== undefined &&
    [first.id, first.digest].some((one) => one === text || one.slice(7).startsWith(text))
  )
}

function haveSeveral([first, ...others]: TaggedImage[]): boolean {
  return others.some((other) => first && other.digest !== first.digest && !areForTwoMachines(first, other))
}

function areForTwoMachines({ platform }: TaggedImage, other: TaggedImage): boolean {
  return platform !== undefined && other.platform !== undefined && !sameMachine(platform, other.platform)
}

function severalVersions(asked: string, rows: TaggedImage[]): ContainerImageError {
  const fullNames = distinctNames(rows)
  return new ContainerImageError('AMBIGUOUS_NAME', `${asked} is installed in ${fullNames.length} versions.`, {
    expected: 'one version',
    found: fullNames.join(', '),
    remedy: `Give one with ${option('version')}, or all of them with ${option('allVersions')}.`,
    details: { fullNames },
  })
}

function severalImages(fullName: string, rows: TaggedImage[]): ContainerImageError {
  const names = rows.map(shownName)
  return new ContainerImageError('AMBIGUOUS_NAME', `${show(fullName)} is the full name of several images.`, {
    expected: 'one image',
    found: names.join(', '),
    remedy: 'Give the name and the tag of the one that you mean.',
    details: { names },
  })
}

function namedImages(images: TaggedImage[], { fullName, name }: UninstallRequest): TaggedImage[] {
  if (fullName !== undefined) return ofFullName(images, fullName)
  if (name) return imagesOfOne(name, images)
  throw new ContainerImageError('USAGE', 'No image to uninstall was named.', {
    expected: `a name, or ${option('fullName')}`,
    found: 'neither',
  })
}

function ofFullName(images: TaggedImage[], wanted: string): TaggedImage[] {
  if (hasWildcard(wanted)) return images.filter(({ fullName }) => matcher(wanted)(fullName))
  parseFullName(wanted)
  return images.filter(({ fullName }) => fullName.toLowerCase() === wanted.toLowerCase())
}

function versionTest({ version }: UninstallRequest): (image: TaggedImage) => boolean {
  if (version === undefined) return () => true
  return (image) => image.version === version || image.tag === version
}

function described(request: UninstallRequest): string {
  const { fullName, name, names = [], version } = request
  return fullName ?? [name ?? names[0] ?? '', version].filter(Boolean).join(' ')
}

function distinctNames(images: TaggedImage[]): string[] {
  return distinct(images.map((image) => image.fullName || shownName(image)))
}

function distinct(names: string[]): string[] {
  return [...new Set(names)]
}

/** Images whose first layers are all the layers of one to be removed. @throws IN_USE */
function refuseDependents(chosen: TaggedImage[], images: TaggedImage[]): void {
  const going = new Set(chosen.map((image) => image.fullName))
  const bases = new Set(chosen.map((base) => keyOfLayers(layersOf(base))))
  const dependents = images.filter((image) => !going.has(image.fullName) && isBuiltOnOne(image, bases))
  if (dependents.length === 0) return
  const names = distinctNames(dependents)
  throw new ContainerImageError('IN_USE', `Other images are built on it: ${names.join(', ')}.`, {
    side: 'destination',
    expected: 'no images built on it',
    found: `${names.length}: ${names.join(', ')}`,
    remedy: `Uninstall these first, or use ${option('force')}.`,
    details: { dependents: names },
  })
}

/** @param bases the layers of each, as keys */
function isBuiltOnOne(image: TaggedImage, bases: ReadonlySet<string>): boolean {
  const layers = layersOf(image)
  for (let count = 1; count < layers.length; count++)
    if (bases.has(keyOfLayers(layers.slice(0, count)))) return true
  return false
}

function layersOf({ config }: TaggedImage): readonly Digest[] {
  return config?.rootfs.diff_ids ?? []
}

function keyOfLayers(layers: readonly Digest[]): string {
  return layers.join(' ')
}

interface MovedLatest {
  entry: Descriptor
  tag: string
  digest: Digest
  version: string
}

/**
 * Where the `latest` of packages goes: to the newest version of the same repository that remains.
 * @param rows all that is removed
 */
function movedLatest(ofPackages: TaggedImage[], rows: TaggedImage[], images: TaggedImage[]): MovedLatest[] {
  const going = new Set(rows)
  const moves: MovedLatest[] = []
  const inRepository = groupedBy(images, ({ repository }) => repository)
  for (const image of ofPackages) {
    if (image.tag !== 'latest') continue
    const rest = (inRepository.get(image.repository) ?? []).filter(
      (other) =>
        !going.has(other) &&
        !other.artifact &&
        !isKnownByDigest(other.tag, other.digest, other.entry.annotations ?? {}),
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

/** By version; images whose version is only a tag come after those, by creation time. */
function newestImage(images: TaggedImage[]): TaggedImage | undefined {
  return [...images].sort((a, b) => {
    const [left, right] = [entryVersion(a), entryVersion(b)]
    if (left && right) return compareVersions(right, left)
    if (left || right) return left ? -1 : 1
    return (b.config?.created ?? '').localeCompare(a.config?.created ?? '')
  })[0]
}

/** @param staying other names that an image may still have */
function summed(rows: TaggedImage[], staying: TaggedImage[]): UninstallResult['removed'] {
  const found = new Map<string, UninstallResult['removed'][number]>()
  const stayingOf = groupedBy(staying, ({ digest }) => digest)
  for (const image of rows) {
    const { fullName, digest, name, version, refName } = image
    const tags = refName === '' ? [] : [refName]
    const known = found.get(`${fullName} ${digest}`)
    if (known) known.tags.push(...tags)
    else {
      const left = (stayingOf.get(digest) ?? []).map(shownName)
      const remaining = left.length > 0 ? { remaining: left } : {}
      found.set(`${fullName} ${digest}`, { name, version, fullName, digest, tags, ...remaining })
    }
  }
  return [...found.values()]
}
