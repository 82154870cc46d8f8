import {
  ANNOTATIONS,
  blobPath,
  ContainerImageError,
  checkLayoutFile,
  DELTA_FILE,
  type DeltaList,
  type Descriptor,
  type Digest,
  type ImageIndex,
  INDEX_FILE,
  isIndexType,
  isManifestType,
  LAYOUT_FILE,
  LIMITS,
  parseDeltaList,
  parseIndex,
  printable,
  show,
} from '../../../manifests/index.js'
import { type Members, whatIs } from '../../archives/members/members.js'
import { parsed, readManifest } from '../../copy/documents.js'
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
  parsed(members.label, () => checkLayoutFile(layoutFile))
  const bytes = await readDocument(members, INDEX_FILE, LIMITS.indexBytes)
  const index = parsed(`${members.label}, ${INDEX_FILE}`, () => parseIndex(bytes))
  const list = isPlatformList(index) ? asRoot(index, bytes) : undefined
  const images = list ? [{ root: list, annotations: {} }] : namedImages(index)
  const delta = await readDelta(members)
  let subjects: Promise<Map<Descriptor, Digest>> | undefined
  const source: ImageCollection = {
    label: members.label,
    format,
    isComplete: hasWholeNames(index),
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
      subjects ??= subjectsIn(source, images)
      return referrersOf(digest, images, await subjects)
    },
    delta,
    close: () => members.close(),
  }
  return source
}

/** What a delta leaves out; undefined where the layout is whole. @throws INVALID_DOCUMENT */
async function readDelta(members: Members): Promise<DeltaList | undefined> {
  if (!(await members.find(DELTA_FILE))) return undefined
  const bytes = await readDocument(members, DELTA_FILE, LIMITS.indexBytes)
  return parsed(`${members.label}, ${DELTA_FILE}`, () => parseDeltaList(bytes))
}

/** A file of the layout that has no digest of its own. */
async function readDocument(members: Members, name: string, limit: number): Promise<Uint8Array> {
  const member = await members.find(name)
  if (member?.kind !== 'file')
    throw new ContainerImageError(
      'LAYOUT_INVALID',
      `${members.label} is no OCI image layout: ${member ? `its ${name} is ${whatIs(member)}` : `it has no ${name}`}.`,
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

/** An index may name anything (image-index.md); what is no image and no artifact is told of, and left where it is. */
function noteOnOthers(images: NamedImage[], label: string): string[] {
  const others = images.filter(({ root }) => !isManifestType(root.mediaType) && !isIndexType(root.mediaType))
  if (others.length === 0) return []
  const types = [...new Set(others.map(({ root }) => root.mediaType))].slice(0, 5)
  return [`${printable(label)}: ${INDEX_FILE} names what is no image, and is left out: ${types.join(', ')}.`]
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

/** The artifacts of the index whose subject is this digest, or whose tag follows cosign's scheme for it. */
function referrersOf(digest: Digest, images: NamedImage[], subjects: Map<Descriptor, Digest>): Descriptor[] {
  const tagStart = digest.replace(':', '-')
  const found: Descriptor[] = []
  for (const { root, annotations } of images) {
    const name = annotations[ANNOTATIONS.refName] ?? annotations[ANNOTATIONS.artifactName]
    const tag = name?.split(':').at(-1)
    if (tag?.startsWith(`${tagStart}.`)) found.push({ ...root, annotations: { [ANNOTATIONS.refName]: tag } })
    else if (subjects.get(root) === digest) found.push(root)
  }
  return found
}

/** What the manifests of the index refer to. Read once, however many images are asked for. */
async function subjectsIn(source: ImageCollection, images: NamedImage[]): Promise<Map<Descriptor, Digest>> {
  const subjects = new Map<Descriptor, Digest>()
  for (const { root } of images) {
    if (!isManifestType(root.mediaType)) continue
    const manifest = await readManifest(source, root)
    if (manifest.subject) subjects.set(root, manifest.subject.digest)
  }
  return subjects
}
