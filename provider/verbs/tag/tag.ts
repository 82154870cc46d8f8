import {
  ANNOTATIONS,
  type Descriptor,
  familiarName,
  formatLocalName,
  impossible,
  type LocalName,
  present,
  sameMachine,
} from '../../../manifests/index.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { relistMedia } from '../../formats/media/relist.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import { type Context, inContext } from '../../session/context.js'
import { nameOf, refNameOf } from '../../store/entries.js'
import { shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { changeEntries } from '../../store/index-file.js'
import { withNames } from '../../store/moved-names.js'
import { notInstalled } from '../../store/not-installed.js'
import { makeStore, type Store } from '../../store/store.js'
import type { TagAllRequest, TagRequest, UntagAllRequest, UntagRequest } from './request.js'

export interface TagResult {
  /** The name in full: `debian:12.5`. */
  tag: string
  /** Of the manifest that it names or named. */
  digest: string
  /** Of the other manifests that it names or named: those for other machines. Left out where there are none. */
  otherDigests?: string[]
  /** What the tag named before, if that was another image. */
  movedFrom?: string
}

/**
 * Gives an installed image another name.
 * @throws NOT_INSTALLED, INVALID_REFERENCE
 */
export async function tag({ to, ...others }: TagRequest): Promise<TagResult> {
  const [result] = await tagAll({ ...others, to: [to] })
  return result ?? impossible('The tag was not given.')
}

/**
 * Gives an installed image other names, all of them in one step or none.
 * @returns what each of them names now
 * @throws NOT_INSTALLED, INVALID_REFERENCE
 */
export async function tagAll(request: TagAllRequest): Promise<TagResult[]> {
  return await inContext(request, async (context) => {
    const store = await context.store()
    const names = new Map(
      request.to.map((to) => familiarName(to)).map((name) => [formatLocalName(name), name]),
    )
    let results: TagResult[] = []
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const meant = await findEntries(store, entries, request.from)
      const given = [...names.values()].flatMap((name) =>
        meant.map((entry) => ({ ...entry, annotations: annotationsUnder(name, entry) })),
      )
      const { entries: after, moved } = await withNames(store.places, entries, given)
      const movedFrom = new Map([...moved].reverse().map((move) => [move.tag, move.from]))
      results = [...names.keys()].map((tag) =>
        present({ tag, ...digestsOf(meant), movedFrom: movedFrom.get(tag) }),
      )
      return after
    }
    if (request.whatIf) await change(await store.entries())
    else {
      if ((await store.entries()).length === 0) throw notInstalled(request.from, [])
      await makeStore(store.places)
      await changeNames(context, store, change)
    }
    return results
  })
}

/**
 * Removes a name. The image stays as long as it has another name, or until `prune`.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, AMBIGUOUS_NAME
 */
export async function untag({ name, ...others }: UntagRequest): Promise<TagResult> {
  const [result] = await untagAll({ ...others, names: [name] })
  return result ?? impossible('The tag was not removed.')
}

/**
 * Removes names, all of them in one step; none if one of them is not there.
 * @returns each name once, with what it named
 * @throws NOT_INSTALLED, INVALID_REFERENCE, AMBIGUOUS_NAME
 */
export async function untagAll(request: UntagAllRequest): Promise<TagResult[]> {
  return await inContext(request, async (context) => {
    const store = await context.store()
    const asked = request.names.map((name) => familiarName(name))
    let results: TagResult[] = []
    const change = async (entries: Descriptor[]): Promise<Descriptor[]> => {
      const named = byRefName(entries)
      const going = new Set<string>()
      const images = once(() => taggedImages({ ...store, entries: async () => entries }))
      for (const name of asked) going.add(await nameMeant(named, name, images))
      results = [...going].map((tag) => ({ tag, ...digestsOf(named.get(tag) ?? []) }))
      return entries.filter((one) => !going.has(refNameOf(one) ?? ''))
    }
    if (request.whatIf || (await store.entries()).length === 0) await change(await store.entries())
    else await changeNames(context, store, change)
    return results
  })
}

function byRefName(entries: readonly Descriptor[]): Map<string, Descriptor[]> {
  const named = new Map<string, Descriptor[]>()
  for (const entry of entries) {
    const refName = refNameOf(entry)
    if (refName !== undefined) named.set(refName, [...(named.get(refName) ?? []), entry])
  }
  return named
}

/** Does something when it is first asked for, and never again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= work()
    return done
  }
}

async function changeNames(
  { hasher, options: { signal } }: Context,
  { places }: Store,
  change: (entries: Descriptor[]) => Promise<Descriptor[]>,
): Promise<void> {
  await changeEntries(places, change, { signal })
  await relistMedia(places.root, { hasher, signal })
}

/** The one requested name, in full or by the end of its repository. @throws NOT_INSTALLED, AMBIGUOUS_NAME */
async function nameMeant(
  named: ReadonlyMap<string, Descriptor[]>,
  asked: LocalName,
  tagged: () => Promise<TaggedImage[]>,
): Promise<string> {
  const whole = formatLocalName(asked)
  if (named.has(whole)) return whole
  const images = await tagged()
  // A digest means an image, not one of its names.
  const meant = imagesOfOne(whole, images).find(({ tag }) => tag === asked.tag)
  if (!meant) throw notInstalled(whole, images.map(shownName))
  return meant.refName
}

function digestsOf(entries: Descriptor[]): Pick<TagResult, 'digest' | 'otherDigests'> {
  const { digest } = hereOf(entries)
  const others = new Set(entries.map((entry) => entry.digest).filter((one) => one !== digest))
  return { digest, ...(others.size > 0 ? { otherDigests: [...others] } : {}) }
}

/** If a name exists for several machines, the one for this machine, if there is one. */
function hereOf(entries: Descriptor[]): Descriptor {
  const here = entries.find(({ platform }) => platform && sameMachine(platform, hostPlatform()))
  return here ?? (entries[0] as Descriptor)
}

/**
 * By `name[:tag]` or the end of one, or by the digest of the manifest or config, or the beginning of its hex. Images of
 * one name for several machines are meant together.
 */
async function findEntries(store: Store, entries: Descriptor[], text: string): Promise<Descriptor[]> {
  const images = await taggedImages({ ...store, entries: async () => entries })
  const meant = imagesOfOne(text, images)
  const isTagged =
    splitTag(text).tag !== undefined || meant.every(({ repository }) => repository === '<none>')
  // A name without a tag means `latest`, as in docker; a digest means its image, whatever its name.
  const found =
    meant.find(({ tag }) => isTagged || tag === 'latest') ?? (isByMark(text, meant) ? meant[0] : undefined)
  if (!found) throw notInstalled(text, images.map(shownName))
  const { repository, tag, refName } = found
  if (refName === '' || isByMark(text, [found])) return [found.entry]
  return meant.filter((one) => one.repository === repository && one.tag === tag).map(({ entry }) => entry)
}

function isByMark(text: string, [first]: TaggedImage[]): boolean {
  return (
    first !== undefined &&
    [first.id, first.digest].some((one) => one === text || one.slice(7).startsWith(text))
  )
}

/**
 * What an image says about itself under another name. In its own repository it stays part of what was
 * installed, and is removed with it; in another one it has that repository's name.
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
