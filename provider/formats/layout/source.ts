import {
  ANNOTATIONS,
  blobPath,
  ContainerImageError,
  checkLayoutFile,
  DELTA_FILE,
  type DeltaList,
  type Descriptor,
  type Digest,
  digestOf,
  type ImageIndex,
  INDEX_FILE,
  inUtf8,
  isDigest,
  isIndexType,
  isManifestType,
  LAYOUT_FILE,
  LIMITS,
  mayReferTo,
  parseDeltaList,
  parseIndex,
  printable,
  show,
  subjectOfName,
} from '../../../manifests/index.js'
import { type Members, whatIs } from '../../archives/members/members.js'
import { parsed, readIndex, readManifest } from '../../copy/documents.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection, NamedImage } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import type { Bytes } from '../../io/bytes.js'
import { entriesOf, hasWholeNames } from '../../names/origin-names.js'
import { asRoot, isPlatformList } from './platform-list.js'

/**
 * An OCI image layout (image-layout.md), in a folder or in an archive.
 * @throws LAYOUT_INVALID, INVALID_DOCUMENT
 */
export async function layoutSource(
  members: Members,
  format: string,
  notes: string[] = [],
): Promise<ImageCollection> {
  const layoutFile = await readDocument(members, LAYOUT_FILE, LIMITS.layoutFileBytes)
  parsed(members.label, () => checkLayoutFile(inUtf8(layoutFile)))
  const bytes = await readDocument(members, INDEX_FILE, LIMITS.indexBytes)
  const index = parsed(`${members.label}, ${INDEX_FILE}`, () => parseIndex(inUtf8(bytes)))
  const list = isPlatformList(index) ? asRoot(index, bytes) : undefined
  const images = list ? [{ root: list, annotations: {} }] : namedImages(index)
  const deltaBytes = await deltaIn(members)
  const delta = deltaBytes && parsedDelta(members, deltaBytes)
  let referrers: Promise<Map<Digest, Descriptor[]>> | undefined
  const source: ImageCollection = {
    label: members.label,
    format,
    isComplete: hasWholeNames(index),
    documents: sumsOf({ [INDEX_FILE]: bytes, [DELTA_FILE]: deltaBytes }),
    concurrency: members.forwardOnly ? 1 : 4,
    async images() {
      return images
    },
    notes: () => [...notes, ...noteOnOthers(images, members.label)],
    async resolve(name) {
      const found = images.find((image) => isCalled(image, name))
      if (found) return found.root
      throw noSuchImage(members.label, name, {
        side: 'source',
        expected: show(name),
        found: someNames(images) || 'no images',
      })
    },
    read: (descriptor, options = {}) =>
      descriptor.digest === list?.digest
        ? oneChunk(bytes.subarray(options.from ?? 0))
        : members.read(blobPath(descriptor.digest), options),
    holds: async ({ digest }) =>
      digest === list?.digest || (await members.find(blobPath(digest))) !== undefined,
    locate: async ({ digest }) =>
      digest === list?.digest ? undefined : await members.locate(blobPath(digest)),
    order: (descriptors) => inOrderOfThePlace(descriptors, members),
    async referrers(digest) {
      referrers ??= referrersIn(source, images)
      return (await referrers).get(digest) ?? []
    },
    delta,
    close: () => members.close(),
  }
  return source
}

/** The list of what a delta leaves out; undefined if the layout is complete. */
async function deltaIn(members: Members): Promise<Uint8Array | undefined> {
  if (!(await members.find(DELTA_FILE))) return undefined
  return await readDocument(members, DELTA_FILE, LIMITS.indexBytes)
}

function parsedDelta(members: Members, bytes: Uint8Array): DeltaList {
  return parsed(`${members.label}, ${DELTA_FILE}`, () => parseDeltaList(bytes))
}

function sumsOf(documents: Record<string, Uint8Array | undefined>): Map<string, string> {
  const there = Object.entries(documents).flatMap(([name, bytes]) => (bytes ? [[name, bytes] as const] : []))
  return new Map(there.map(([name, bytes]) => [name, digestOf(bytes).slice('sha256:'.length)]))
}

/** A file of the layout that has no digest of its own. */
async function readDocument(members: Members, name: string, limit: number): Promise<Uint8Array> {
  const member = await members.find(name)
  if (member?.kind !== 'file')
    throw new ContainerImageError(
      'LAYOUT_INVALID',
      `${members.label} is not an OCI image layout: ${member ? `its ${name} is ${whatIs(member)}` : `it has no ${name}`}.`,
      {
        side: 'source',
        expected: `a file ${name}`,
        found: whatIs(member),
      },
    )
  return await collect(members.read(name), limit, `${members.label}, ${name}`)
}

async function* oneChunk(bytes: Uint8Array): Bytes {
  yield bytes
}

function namedImages(index: ImageIndex): NamedImage[] {
  return entriesOf(index).map((root) => {
    const annotations = root.annotations ?? {}
    const refName =
      annotations[ANNOTATIONS.containerdName] ??
      annotations[ANNOTATIONS.refName] ??
      annotations[ANNOTATIONS.artifactName]
    return { root, annotations, refName }
  })
}

/**
 * An index may name anything (image-index.md); anything that is neither an image nor an artifact is reported,
 * and left where it is.
 */
function noteOnOthers(images: NamedImage[], label: string): string[] {
  const others = images.filter(({ root }) => !isManifestType(root.mediaType) && !isIndexType(root.mediaType))
  if (others.length === 0) return []
  const types = [...new Set(others.map(({ root }) => root.mediaType))].slice(0, 5)
  return [
    `${printable(label)}: ${INDEX_FILE} names what is not an image, and is left out: ${types.join(', ')}.`,
  ]
}

function inOrderOfThePlace(descriptors: Descriptor[], members: Members): Descriptor[] {
  const position = (d: Descriptor): number => members.position(blobPath(d.digest))
  return [...descriptors].sort((a, b) => position(a) - position(b))
}

/** An image has the name that containerd gives it beside the one of the specification. */
function isCalled({ root, refName, annotations }: NamedImage, name: string): boolean {
  return root.digest === name || refName === name || annotations[ANNOTATIONS.refName] === name
}

function someNames(images: NamedImage[]): string {
  const names = images.slice(0, 10).map((image) => image.refName ?? image.root.digest)
  return `${names.map(show).join(', ')}${images.length > names.length ? ', ...' : ''}`
}

/**
 * The artifacts of the index by what they are about: their subject, or the digest that their tag names in cosign's
 * scheme. Read once, however many images are asked for.
 */
async function referrersIn(
  source: ImageCollection,
  images: NamedImage[],
): Promise<Map<Digest, Descriptor[]>> {
  const found = new Map<Digest, Descriptor[]>()
  const add = (about: Digest, artifact: Descriptor): void => {
    const others = found.get(about)
    if (others) others.push(artifact)
    else found.set(about, [artifact])
  }
  for (const { root, annotations } of images) {
    const name = annotations[ANNOTATIONS.refName] ?? annotations[ANNOTATIONS.artifactName]
    const tag = name?.split(':').at(-1) ?? ''
    const tagged = digestInTag(tag)
    if (tagged) add(tagged, { ...root, annotations: { [ANNOTATIONS.refName]: tag } })
    const listFor = isIndexType(root.mediaType) && !tagged ? subjectOfName(tag) : undefined
    if (listFor) for (const one of await listedFor(source, root, listFor)) add(listFor, one)
    const subject = isManifestType(root.mediaType) ? (await readManifest(source, root)).subject : undefined
    if (subject && subject.digest !== tagged) add(subject.digest, root)
  }
  return found
}

/**
 * What the list under the tag `sha256-<hex>` names (distribution-spec, "Referrers Tag Schema"), as copies from a
 * registry without the referrers API have it.
 */
async function listedFor(source: ImageCollection, list: Descriptor, about: Digest): Promise<Descriptor[]> {
  const found: Descriptor[] = []
  for (const { annotations: _, ...one } of (await readIndex(source, list)).manifests)
    if (isManifestType(one.mediaType) && mayReferTo(about, await readManifest(source, one))) found.push(one)
  return found
}

/** `sha256-<hex>.sig`: what a tag of cosign's is about. */
function digestInTag(tag: string): Digest | undefined {
  const digest = /^([^.]+)\./.exec(tag)?.[1]?.replace('-', ':')
  return isDigest(digest) ? digest : undefined
}
