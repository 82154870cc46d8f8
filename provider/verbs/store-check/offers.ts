import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  type ErrorCode,
  formatLocalName,
  formatReference,
  hasCode,
  isReference,
  parseReference,
  printable,
} from '../../../manifests/index.js'
import { walkDocuments } from '../../copy/check/walk.js'
import type { ImageCollection, ImageSource, NamedImage } from '../../copy/ports.js'
import { openEngine } from '../../engine/open-engine.js'
import { openPath } from '../../formats/open/open-path.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { openRegistrySource } from '../../registry/source.js'
import type { Context } from '../../session/context.js'
import { nameOf } from '../../store/entries.js'
import { engineSource } from '../../targets/engine-source.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { openOptions, scratchOf } from '../../targets/open-options.js'
import { isPath, resolveTargets } from '../../targets/targets.js'
import { calledOf } from './needed.js'
import type { StoreCheckRequest } from './request.js'

/** A place that may have blobs of the store. */
export interface Offer {
  label: string
  source: ImageSource
  /**
   * Whether it has a blob, as far as is known without reading it; a registry is not asked before a blob is
   * fetched.
   */
  has(descriptor: Descriptor): Promise<boolean>
  /** The images that it names, if it can say. */
  images: readonly NamedImage[]
  close(): Promise<void>
}

/** The places of a run, opened when the first is needed. */
export interface Offers {
  /**
   * In the order in which to try them: those that the request names, then those that the images came from.
   * @param entries the images that lack something
   */
  for(entries: readonly Descriptor[]): Promise<Offer[]>
}

/** Lets work ask for blobs elsewhere, and closes what was opened for it. */
export async function closingOffers<T>(
  context: Context,
  request: StoreCheckRequest,
  work: (offers: Offers) => Promise<T>,
): Promise<T> {
  const opened = new Map<string, Promise<Offer[]>>()
  const once = (key: string, open: () => Promise<Offer[]>): Promise<Offer[]> => {
    const known = opened.get(key) ?? open()
    opened.set(key, known)
    return known
  }
  const offers: Offers = {
    async for(entries) {
      const found: Offer[] = []
      for (const word of request.from ?? [])
        for (const one of isByName(word) ? entries : [undefined])
          found.push(
            ...(await once(`${word} ${one ? calledOf(one) : ''}`, () =>
              openOffers(context, word, request, one),
            )),
          )
      for (const entry of entries)
        found.push(...(await once(`origin ${sourceOf(entry)}`, () => originOffers(context, entry))))
      return [...new Set(found)]
    },
  }
  const close = async (): Promise<void> => {
    const all = await Promise.all([...opened.values()].map((one) => one.catch(() => [])))
    await closeAll(all.flat())
  }
  return await closing(close, () => work(offers))
}

/** Whether a place is asked for each image by its name. */
function isByName(word: string): boolean {
  return !isPath(word) && (engineSource(word) !== undefined || !isReference(word))
}

/**
 * Opens what an item of `from` names. A place that is itself damaged, or does not answer, is skipped with a
 * note.
 * @param entry the image that lacks something, if it is looked for by name
 * @throws PATH_NOT_FOUND, SOURCE_UNKNOWN, USAGE
 */
async function openOffers(
  context: Context,
  word: string,
  request: StoreCheckRequest,
  entry: Descriptor | undefined,
): Promise<Offer[]> {
  const offers: Offer[] = []
  if (!entry && isReference(word) && !isPath(word)) offers.push(await inRegistry(context, word))
  else if (!entry) await addPath(context, word, request, offers)
  else if (engineSource(word))
    await passingOver(context, word, () => addFromEngine(context, word, entry, offers))
  else await passingOver(context, word, () => addFromSource(context, word, request, entry, offers))
  return offers
}

async function addPath(
  context: Context,
  word: string,
  { repair, whatIf }: StoreCheckRequest,
  offers: Offer[],
): Promise<void> {
  // The layer of a WIM is made in the store itself, if it is missing.
  const options = await openOptions(context, { whatIf: whatIf || !repair, skipUnsupported: true })
  await forEachArchive(context, [word], (file) =>
    passingOver(context, file, async () => {
      offers.push(await ofCollection(file, await openPath(file, options), context.options.signal))
    }),
  )
}

async function addFromEngine(
  context: Context,
  word: string,
  entry: Descriptor,
  offers: Offer[],
): Promise<void> {
  const asked = engineSource(word)
  const name = nameOf(entry)
  if (!asked || !name) return
  const { signal } = context.options
  const engine = await openEngine(asked.kind, { ...asked.options, scratch: scratchOf(context), signal })
  context.onClose(() => engine.close())
  const collection = await engine.open([formatLocalName(name)], { signal }).catch((error) => {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  })
  if (collection) offers.push(await ofCollection(word, collection, signal))
}

/** A registered source, or a location: the image is looked for by its name and version. */
async function addFromSource(
  context: Context,
  word: string,
  request: StoreCheckRequest,
  { annotations = {} }: Descriptor,
  offers: Offer[],
): Promise<void> {
  const { [ANNOTATIONS.name]: name, [ANNOTATIONS.imageVersion]: version } = annotations
  if (name === undefined || version === undefined) return
  const asked = { ...request, source: word, requiredVersion: version, allPlatforms: true }
  const found = await resolveTargets(context, name, asked)
  context.onClose(() => found.close())
  for (const { source } of found.images) offers.push(anySource(word, source))
}

function sourceOf({ annotations = {} }: Descriptor): string {
  return annotations[ANNOTATIONS.source] ?? ''
}

/** The repository of a registry that an image came from. */
async function originOffers(context: Context, entry: Descriptor): Promise<Offer[]> {
  const source = sourceOf(entry)
  return isReference(source) ? [await inRegistry(context, source)] : []
}

async function inRegistry(context: Context, text: string): Promise<Offer> {
  const { registry, repository } = parseReference(text)
  const { insecure = false } = context.options
  const source = openRegistrySource(await context.registry(), { registry, repository }, { insecure })
  return anySource(formatReference({ registry, repository }), source)
}

function anySource(label: string, source: ImageSource): Offer {
  return { label, source, has: async () => true, images: [], close: () => source.close() }
}

async function ofCollection(
  label: string,
  collection: ImageCollection,
  signal?: AbortSignal,
): Promise<Offer> {
  const images = await collection.images()
  const { needed } = await walkDocuments(
    collection,
    images.map(({ root }) => root),
    signal,
  )
  const leftOut = new Set<Digest>(collection.delta?.missing.map(({ digest }) => digest))
  return {
    label,
    source: collection,
    images,
    async has(descriptor) {
      if (leftOut.has(descriptor.digest)) return false
      if (collection.holds) return await collection.holds(descriptor)
      return needed.has(descriptor.digest)
    },
    close: () => collection.close(),
  }
}

/** Mistakes by the user, and errors that stop the run. */
const TOLD: readonly ErrorCode[] = [
  'INTERRUPTED',
  'PATH_NOT_FOUND',
  'SOURCE_UNKNOWN',
  'USAGE',
  'ARCHIVE_UNKNOWN',
  'NO_SPACE',
]

/** A place that cannot be opened has nothing to give. */
async function passingOver(context: Context, word: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ContainerImageError) || TOLD.includes(error.code)) throw error
    context.note(`${printable(word)} is skipped: ${printable(error.message)}`)
  }
}
