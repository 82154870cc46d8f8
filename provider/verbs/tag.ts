import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  formatLocalName,
  isDigest,
  parseLocalName,
} from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import type { TagRequest, UntagRequest } from '../requests.js'
import { withEntry } from '../store/entries.js'
import { notInstalled, taggedImages } from '../store/images.js'
import { changeEntries } from '../store/index-file.js'
import { makeStore, type Store } from '../store/store.js'

export interface TagResult {
  tag: string
  digest: string
  /** What the tag named before, if that was another image. */
  movedFrom?: string
}

/**
 * Gives an installed image one more name.
 * @throws NOT_INSTALLED, INVALID_REFERENCE
 */
export async function tag(request: TagRequest): Promise<TagResult> {
  return await inContext(request, async (context) => {
    const store = await context.store()
    const refName = formatLocalName(parseLocalName(request.to))
    let result: TagResult | undefined
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const from = await findEntry(store, entries, request.from)
      const before = entries.find((entry) => refNameOf(entry) === refName)
      result = { tag: refName, digest: from.digest }
      if (before && before.digest !== from.digest) result.movedFrom = before.digest
      return withEntry(entries, {
        ...from,
        annotations: { ...from.annotations, [ANNOTATIONS.refName]: refName },
      })
    }
    if (request.whatIf) await change(await store.entries())
    else {
      if ((await store.entries()).length === 0) throw notInstalled(request.from, [])
      await makeStore(store.places)
      await changeEntries(store.places, change, request.signal ? { signal: request.signal } : {})
    }
    if (!result) throw new ContainerImageError('UNEXPECTED', 'The tag was not given.')
    return result
  })
}

/**
 * Takes a name away. The image stays as long as it has another name, or until `prune`.
 * @throws NOT_INSTALLED, INVALID_REFERENCE
 */
export async function untag(request: UntagRequest): Promise<TagResult> {
  return await inContext(request, async (context) => {
    const store = await context.store()
    const refName = formatLocalName(parseLocalName(request.name))
    let result: TagResult | undefined
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const entry = entries.find((one) => refNameOf(one) === refName)
      if (!entry)
        throw notInstalled(
          refName,
          entries.map(refNameOf).filter((name) => name !== undefined),
        )
      result = { tag: refName, digest: entry.digest }
      return entries.filter((one) => one !== entry)
    }
    if (request.whatIf || (await store.entries()).length === 0) await change(await store.entries())
    else await changeEntries(store.places, change, request.signal ? { signal: request.signal } : {})
    if (!result) throw new ContainerImageError('UNEXPECTED', 'The tag was not removed.')
    return result
  })
}

function refNameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[ANNOTATIONS.refName]
}

/** By `name[:tag]`, or by the digest of the manifest or config, or the beginning of its hex. */
async function findEntry(store: Store, entries: Descriptor[], text: string): Promise<Descriptor> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const byDigest = images.filter(
    (image) =>
      image.entry.digest === text ||
      image.configDigest === text ||
      (/^[0-9a-f]{6,64}$/.test(text) && image.configDigest.startsWith(`sha256:${text}`)),
  )
  const found =
    byDigest[0] ?? (isDigest(text) ? undefined : images.find((image) => image.refName === named(text)))
  if (found) return found.entry
  throw notInstalled(
    text,
    images.map((image) => image.refName),
  )
}

function named(text: string): string {
  return formatLocalName(parseLocalName(text.toLowerCase() === text ? text : lowerRepository(text)))
}

/** `NanoServer:10.0.1` is meant as `nanoserver:10.0.1`; tags keep their case. */
function lowerRepository(text: string): string {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1)
  return colon < 0 ? text.toLowerCase() : text.slice(0, colon).toLowerCase() + text.slice(colon)
}
