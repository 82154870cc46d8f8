import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  familiarName,
  formatLocalName,
  type LocalName,
} from '../../../manifests/index.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import { inContext } from '../../session/context.js'
import { nameOf, withEntry } from '../../store/entries.js'
import { notInstalled, shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { changeEntries } from '../../store/index-file.js'
import { makeStore, type Store } from '../../store/store.js'
import type { TagRequest, UntagRequest } from './request.js'

export interface TagResult {
  /** The name in full: `debian:12.5`. */
  tag: string
  /** Of the manifest that it names or named. */
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
    const name = familiarName(request.to)
    const refName = formatLocalName(name)
    let result: TagResult | undefined
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const from = await findEntry(store, entries, request.from)
      const before = entries.find((entry) => refNameOf(entry) === refName)
      result = { tag: refName, digest: from.digest }
      if (before && before.digest !== from.digest) result.movedFrom = before.digest
      return withEntry(entries, {
        ...from,
        annotations: annotationsUnder(name, from),
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
    const refName = formatLocalName(familiarName(request.name))
    let result: TagResult | undefined
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const entry = entries.find((one) => refNameOf(one) === refName)
      if (!entry) {
        const images = await taggedImages({ ...store, entries: async () => entries })
        throw notInstalled(refName, images.map(shownName))
      }
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

/** By `name[:tag]` or the end of one, or by the digest of the manifest or config, or the beginning of its hex. */
async function findEntry(store: Store, entries: Descriptor[], text: string): Promise<Descriptor> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const meant = imagesOfOne(text, images)
  const isTagged =
    splitTag(text).tag !== undefined || meant.every(({ repository }) => repository === '<none>')
  // A name without a tag means `latest`, as for docker; a digest means its image whatever that is called.
  const found =
    meant.find(({ tag }) => isTagged || tag === 'latest') ?? (isByMark(text, meant) ? meant[0] : undefined)
  if (found) return found.entry
  throw notInstalled(text, images.map(shownName))
}

function isByMark(text: string, [first]: TaggedImage[]): boolean {
  return (
    first !== undefined &&
    [first.id, first.digest].some((one) => one === text || one.slice(7).startsWith(text))
  )
}

/**
 * What an image says of itself under another name. In its own repository it stays what was installed, and goes with
 * that; in another one it is called as the name says.
 */
function annotationsUnder(name: LocalName, from: Descriptor): Record<string, string> {
  const { [ANNOTATIONS.publisher]: publisher, ...others } = from.annotations ?? {}
  const refName = formatLocalName(name)
  if (nameOf(from)?.repository === name.repository)
    return { ...from.annotations, [ANNOTATIONS.refName]: refName }
  return {
    ...others,
    [ANNOTATIONS.refName]: refName,
    [ANNOTATIONS.name]: name.repository,
    [ANNOTATIONS.imageVersion]: name.tag,
  }
}
