import {
  type Descriptor,
  type Digest,
  hasCode,
  isDigest,
  isIndexType,
  isManifestType,
  type Manifest,
  type Platform,
  platformOf,
  sameMachine,
} from '../../../manifests/index.js'
import { inParallel } from '../../copy/in-parallel.js'
import { rubbish } from '../client/complaints.js'
import { type AskOptions, ask } from '../client/program.js'
import type { EngineImage } from '../port/engine.js'
import { Documents, type Inventory, inventory } from './content.js'
import type { Ctr } from './ctr.js'

/** A name in containerd, and the manifest or index that it means. */
export interface Reference {
  name: string
  mediaType: string
  target: Digest
}

/** Everything that has a name in containerd. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function references(ctr: Ctr, options: AskOptions): Promise<Reference[]> {
  const lines = (await ask(ctr, ['images', 'ls'], options)).trimEnd().split('\n')
  if (!/^REF\s+TYPE\s+DIGEST\b/.test(lines[0] ?? ''))
    throw rubbish(ctr.label, 'a list of its images, below REF TYPE DIGEST', lines[0] ?? '')
  return lines.slice(1).flatMap((line) => {
    const [name = '', mediaType = '', target = ''] = line.split(/\s+/)
    return isDigest(target) ? [{ name, mediaType, target }] : []
  })
}

/** The image that each container uses, by its name. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function imagesOfContainers(ctr: Ctr, options: AskOptions): Promise<string[]> {
  const lines = (await ask(ctr, ['containers', 'ls'], options)).trimEnd().split('\n')
  if (!/^CONTAINER\s+IMAGE\b/.test(lines[0] ?? ''))
    throw rubbish(ctr.label, 'a list of its containers, below CONTAINER IMAGE', lines[0] ?? '')
  return lines.slice(1).map((line) => line.split(/\s+/)[1] ?? '')
}

/** A name with a tag; the others are digests, and ids that Kubernetes keeps. */
export function isTagged({ name }: Reference): boolean {
  return !name.includes('@') && !/^sha256:/.test(name)
}

/** What a reference means, as far as containerd has it. */
export interface Resolved {
  reference: Reference
  image: Omit<EngineImage, 'names'>
}

/** In parallel: each question is a separate process. */
const AT_ONCE = 4

/** Every reference with its image; for an index that of the platform, if it is there. */
export async function resolveAll(ctr: Ctr, platform: Platform, options: AskOptions): Promise<Resolved[]> {
  const [all, content] = await Promise.all([references(ctr, options), inventory(ctr, options)])
  const documents = new Documents(ctr, options)
  const byTarget = new Map(all.map((reference) => [reference.target, reference]))
  const images = new Map<Digest, Resolved['image']>()
  await inParallel([...byTarget.values()], AT_ONCE, options.signal, async (reference) => {
    images.set(reference.target, await imageOf(reference, documents, content, platform))
  })
  return all.flatMap((reference) => {
    const image = images.get(reference.target)
    return image ? [{ reference, image }] : []
  })
}

/** Those with the same target together, under the names that have tags. */
export function listed(resolved: Resolved[]): EngineImage[] {
  const byId = new Map<string, EngineImage>()
  for (const { reference, image } of resolved.filter(({ reference }) => isTagged(reference))) {
    const key = `${image.digest} ${image.id}`
    const known = byId.get(key) ?? { ...image, names: [] }
    known.names.push(reference.name)
    byId.set(key, known)
  }
  const ids = new Set([...byId.values()].map(({ id }) => id))
  for (const { image } of resolved.filter(({ image }) => !ids.has(image.id)))
    byId.set(image.id, { ...image, names: [] })
  return [...byId.values()]
}

async function imageOf(
  { target, mediaType }: Reference,
  documents: Documents,
  content: Inventory,
  platform: Platform,
): Promise<Resolved['image']> {
  // An image that is incomplete is listed too, so that it can be removed.
  const incomplete = { id: target, digest: target, diffIds: [], platform, created: '', size: 0 }
  try {
    const manifestDigest = await manifestBehind(target, mediaType, documents, content, platform)
    if (manifestDigest === undefined) return incomplete
    const manifest = await documents.manifest(manifestDigest)
    const config = await documents.config(manifest.config.digest)
    return {
      id: manifest.config.digest,
      digest: target,
      diffIds: config.rootfs.diff_ids,
      platform: platformOf(config),
      created: config.created ?? '',
      size: sizeOf(manifest, (await documents.bytes(manifestDigest, 0)).length),
    }
  } catch (error) {
    if (hasCode(error, 'ENGINE_REFUSED', 'INVALID_DOCUMENT')) return incomplete
    throw error
  }
}

/** What a name's target means on a platform; undefined where it is not there. */
export async function manifestOf(
  ctr: Ctr,
  target: Digest,
  platform: Platform,
  options: AskOptions,
): Promise<Manifest | undefined> {
  const content = await inventory(ctr, options)
  const documents = new Documents(ctr, options)
  const all = await references(ctr, options)
  const mediaType = all.find((reference) => reference.target === target)?.mediaType ?? ''
  const digest = await manifestBehind(target, mediaType, documents, content, platform)
  return digest === undefined ? undefined : await documents.manifest(digest)
}

async function manifestBehind(
  target: Digest,
  mediaType: string,
  documents: Documents,
  content: Inventory,
  platform: Platform,
): Promise<Digest | undefined> {
  const digest = isIndexType(mediaType) ? await chosenChild(target, documents, content, platform) : target
  return digest !== undefined && content.knows(digest) ? digest : undefined
}

async function chosenChild(
  target: Digest,
  documents: Documents,
  content: Inventory,
  platform: Platform,
): Promise<Digest | undefined> {
  if (!content.knows(target)) return undefined
  const { manifests } = await documents.index(target)
  const here = manifests.filter((child) => isManifestType(child.mediaType) && content.knows(child.digest))
  const fits = (child: Descriptor): boolean =>
    child.platform !== undefined && sameMachine(child.platform, platform)
  return (here.find(fits) ?? here[0])?.digest
}

/** As `ctr images ls` counts: the compressed layers and the documents. */
function sizeOf({ config, layers }: Manifest, manifestBytes: number): number {
  return layers.reduce((sum, { size }) => sum + size, manifestBytes + config.size)
}
