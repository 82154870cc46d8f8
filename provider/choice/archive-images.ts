import path from 'node:path'
import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  hasCode,
  type ImageIndex,
  isArtifactEntry,
  isDigest,
  isIndexType,
  isManifestType,
  LIMITS,
  type LocalName,
  parseLocalName,
} from '../../manifests/index.js'
import type { ImageCollection, NamedImage } from '../ports.js'
import { readIndex } from '../verified/documents.js'
import { readVerified } from '../verified/read-verified.js'
import { checkSaidNames } from './archive-names.js'
import { type ChosenImage, chooseRoot, type RootChoice } from './chosen-image.js'

export interface NameChoice {
  /** What the user named; for an archive of one image. */
  name?: string
  version?: string
}

/**
 * The images that an archive or a folder holds, each once, under the name and version that the user gives,
 * else those that the archive gives, else the file's own name.
 * @throws ARCHIVE_UNKNOWN where it holds none, USAGE where one name is given for several
 */
export async function imagesIn(
  collection: ImageCollection,
  names: NameChoice,
  choice: RootChoice,
): Promise<ChosenImage[]> {
  const wanted = onePerVersion((await collection.images()).filter((image) => !isArtifact(image)))
  if (wanted.length === 0)
    throw new ContainerImageError('ARCHIVE_UNKNOWN', `${collection.label} holds no image.`, {
      side: 'source',
      expected: 'one image or more',
      found: 'none',
    })
  if ((names.name !== undefined || names.version !== undefined) && wanted.length > 1)
    throw new ContainerImageError('USAGE', `${collection.label} holds ${wanted.length} images.`, {
      expected: 'one image, where --name or --version is given',
      found: `${wanted.length} images`,
      remedy: 'Leave --name and --version out.',
    })
  const chosen: ChosenImage[] = []
  for (const image of wanted) chosen.push(await chooseIn(collection, image, names, choice))
  return chosen
}

async function chooseIn(
  collection: ImageCollection,
  image: NamedImage,
  names: NameChoice,
  choice: RootChoice,
): Promise<ChosenImage> {
  const identity = identityOf(image, collection.label, names)
  const root = await presentRoot(collection, image.root, choice)
  const chosen = await chooseRoot(collection, root.root, { ...choice, allPlatforms: root.whole })
  return {
    source: collection,
    root: chosen.root,
    platform: chosen.platform,
    annotations: { ...originOf(image), ...originalOf(image), ...chosen.annotations },
    ...identity,
    ...(collection.made ? { made: collection.made() } : {}),
  }
}

/** The index that the image was once chosen from is what its signatures may be over. */
function originOf(image: NamedImage): Record<string, string> {
  const { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size } = image.annotations
  if (!isDigest(digest) || !size || !/^\d{1,9}$/.test(size)) return {}
  return { [ANNOTATIONS.originIndex]: digest, [ANNOTATIONS.originIndexSize]: size }
}

/** The manifest that this one stands for, where its layers are kept plain. */
function originalOf({ annotations }: NamedImage): Record<string, string> {
  const original = annotations[ANNOTATIONS.original]
  return isDigest(original) ? { [ANNOTATIONS.original]: original } : {}
}

/** What is no image at all, or an artifact that travels with one. */
export function isArtifact(image: NamedImage): boolean {
  const isImageType = isManifestType(image.root.mediaType) || isIndexType(image.root.mediaType)
  return !isImageType || isArtifactEntry({ ...image.root, annotations: image.annotations })
}

/** `debian:12.5` and `debian:latest` of one image are one image; the tag that says more is kept. */
function onePerVersion(images: NamedImage[]): NamedImage[] {
  const key = (image: NamedImage): string => `${image.root.digest} ${repositoryOf(image)}`
  const versions = new Set(images.filter((image) => tagOf(image) !== 'latest').map(key))
  return images.filter((image) => tagOf(image) !== 'latest' || !versions.has(key(image)))
}

function tagOf(image: NamedImage): string | undefined {
  return localName(image.refName)?.tag
}

function repositoryOf(image: NamedImage): string | undefined {
  return localName(image.refName)?.repository
}

/** A name with its repository; undefined for a bare tag, as umoci and skopeo write it. */
function localName(refName: string | undefined): LocalName | undefined {
  if (refName === undefined || !/[:/]/.test(refName)) return undefined
  // containerd names by their digest what was pulled so.
  const name = refName.replace(/@sha(256|512):[0-9a-f]+$/, '')
  const tagAt = /:[^:/]*$/.exec(name)?.index ?? name.length
  try {
    return parseLocalName(name.slice(0, tagAt).toLowerCase() + name.slice(tagAt))
  } catch {
    return undefined
  }
}

/** What the user says counts; what the archive says is checked; the file's own name is the last resort. */
export function identityOf(
  image: NamedImage,
  label: string,
  names: NameChoice,
): Pick<ChosenImage, 'name' | 'version' | 'publisher'> {
  const local = localName(image.refName)
  const bareTag = local === undefined ? image.refName : undefined
  const said = {
    name: image.annotations[ANNOTATIONS.name] ?? lastPart(local?.repository),
    version: image.annotations[ANNOTATIONS.imageVersion] ?? local?.tag ?? bareTag,
    publisher: image.annotations[ANNOTATIONS.publisher],
  }
  const name = names.name ?? said.name ?? nameOfFile(label)
  const version = names.version ?? said.version ?? versionOfFile(label)
  const publisher = said.publisher === undefined ? {} : { publisher: said.publisher }
  checkSaidNames(
    {
      name: names.name === undefined && said.name !== undefined ? name : 'given',
      version: names.version === undefined && said.version !== undefined ? version : '1',
      ...publisher,
    },
    label,
  )
  return { name, version, ...publisher }
}

function lastPart(repository: string | undefined): string | undefined {
  return repository?.split('/').at(-1)
}

const ENDINGS = /\.(tar|tgz|tar\.(gz|xz|zst|zstd))$/i

/** `NanoServer-10-0-14300-1010.tar` in its parts, as save names files. */
function fileParts(label: string): { name: string; version?: string } {
  const base = path.basename(path.resolve(label)).replace(ENDINGS, '')
  const match = /^(.+?)-(\d+(?:-\d+){1,3})$/.exec(base)
  return match?.[1] && match[2] ? { name: match[1], version: match[2].replaceAll('-', '.') } : { name: base }
}

function nameOfFile(label: string): string {
  return fileParts(label).name
}

function versionOfFile(label: string): string {
  return fileParts(label).version ?? 'latest'
}

/**
 * What of a root is really there. Some programs (docker since 25) save an index whole but only one of its
 * images; then that one is the root.
 */
async function presentRoot(
  collection: ImageCollection,
  root: Descriptor,
  choice: RootChoice,
): Promise<{ root: Descriptor; whole: boolean }> {
  if (!isIndexType(root.mediaType)) return { root, whole: false }
  const index = await readIndex(collection, root, choice.signal)
  const present = await presentManifests(collection, index, choice.signal)
  const images = present.filter((d) => d.platform?.os !== 'unknown')
  if (present.length === index.manifests.length) return { root, whole: choice.platform === undefined }
  const [only] = images
  if (images.length === 1 && only) return { root: only, whole: false }
  return { root, whole: false }
}

async function presentManifests(
  collection: ImageCollection,
  index: ImageIndex,
  signal?: AbortSignal,
): Promise<Descriptor[]> {
  const present: Descriptor[] = []
  for (const descriptor of index.manifests) {
    const limit = isIndexType(descriptor.mediaType) ? LIMITS.indexBytes : LIMITS.manifestBytes
    try {
      await readVerified(collection, descriptor, limit, signal)
      present.push(descriptor)
    } catch (error) {
      if (!hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) throw error
    }
  }
  return present
}
