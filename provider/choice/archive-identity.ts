import path from 'node:path'
import {
  ANNOTATIONS,
  type Digest,
  familiarName,
  formatLocalName,
  isDigest,
  type LocalName,
  shortDigest,
} from '../../manifests/index.js'
import { withoutEnding } from '../archives/endings.js'
import type { NamedImage } from '../copy/ports.js'
import { repositoryFor, tagFor } from '../names/local-names.js'
import { splitDigestOff } from '../names/split-digest-off.js'
import { checkSaidNames } from './archive-names.js'
import type { ChosenImage } from './chosen-image.js'

export interface NameChoice {
  /** What the user named, for an archive of one image. */
  name?: string
  version?: string
}

/** The end of the name of a file that holds what came through a pipe. */
export const PIPED = '.from-a-pipe'

/** One image of an archive with all the names that it has there. */
export interface GroupedImage {
  image: NamedImage
  otherNames: LocalName[]
}

/**
 * The images of an archive, each once for each name and version. `debian:12.5` and `debian:latest` of one
 * image count once, and so do all names of one installation: the catalog's name, and the reference behind it.
 * An image that is there both with a name and without one, as `docker save NAME ID` writes it, counts only by
 * its name.
 */
export function groupedByName(images: NamedImage[]): GroupedImage[] {
  const groups = new Map<string, NamedImage[]>()
  const named = new Set(images.filter((image) => !isUnnamed(image)).map(({ root }) => root.digest))
  for (const image of images) {
    if (isUnnamed(image) && named.has(image.root.digest)) continue
    const key = `${image.root.digest} ${packageOf(image)}`
    groups.set(key, [...(groups.get(key) ?? []), image])
  }
  return [...groups.values()].flatMap(grouped)
}

/** The name that an installation recorded; else the repository. */
function packageOf({ annotations, refName }: NamedImage): string {
  const name = annotations[ANNOTATIONS.name]
  const version = annotations[ANNOTATIONS.imageVersion] ?? ''
  return name === undefined ? `${localName(refName)?.repository}` : `${name} ${version}`
}

function grouped(group: NamedImage[]): GroupedImage[] {
  const isLatest = ({ refName }: NamedImage): boolean => localName(refName)?.tag === 'latest'
  const tagged = group.filter(({ refName }) => !isByDigest(refName))
  const versions = tagged.filter((image) => !isLatest(image))
  const kept = versions.length > 0 ? versions : [...tagged, ...group].slice(0, 1)
  if (group[0]?.annotations[ANNOTATIONS.name] === undefined)
    return distinctBy(kept, ({ refName }) => refName ?? '').map((image) => ({
      image,
      otherNames: listedNames(image),
    }))
  const main = kept.find((image) => isAsInstalled(image)) ?? kept.find(isUnderItsName) ?? kept[0]
  if (!main) return []
  const others = kept
    .filter((image) => image !== main)
    .map(({ refName, root }) => localName(refName, root.digest))
  const otherNames = [...others.filter((name) => name !== undefined), ...kept.flatMap(listedNames)]
  return [{ image: main, otherNames: distinctBy(otherNames, formatLocalName) }]
}

/** Whether the name of an entry is that of the installation, and not the reference behind it. */
function isUnderItsName({ refName, annotations }: NamedImage): boolean {
  const repository = localName(refName)?.repository
  return repository !== undefined && repository === repositoryOf(annotations[ANNOTATIONS.name] ?? '')
}

/**
 * Whether the name of an entry is that of the installation, tag included. `latest` is not a version but a
 * mark.
 */
function isAsInstalled(image: NamedImage): boolean {
  const version = image.annotations[ANNOTATIONS.imageVersion]
  const tag = localName(image.refName)?.tag
  if (!isUnderItsName(image)) return false
  return version === undefined || tag === 'latest' || tag === orNone(() => tagFor(version))
}

function repositoryOf(name: string): string | undefined {
  return orNone(() => repositoryFor(name))
}

/** What an archive says may not be a valid name; that is checked later. */
function orNone(name: () => string): string | undefined {
  try {
    return name()
  } catch {
    return undefined
  }
}

/** An archive has one entry per image, so its other names are written beside it. */
function listedNames({ annotations }: NamedImage): LocalName[] {
  const names = (annotations[ANNOTATIONS.otherNames] ?? '').split(' ').map((name) => localName(name))
  return names.filter((name) => name !== undefined).slice(0, MOST_OTHER_NAMES)
}

const MOST_OTHER_NAMES = 64

function distinctBy<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}

/** Whether an archive gives an image no name at all. */
export function isUnnamed({ refName, annotations }: NamedImage): boolean {
  return (refName === undefined || isMereDigest(refName)) && annotations[ANNOTATIONS.name] === undefined
}

/** The name under which containerd keeps an image for Kubernetes. */
function isMereDigest(refName: string | undefined): boolean {
  return isDigest(refName)
}

/** How containerd names what was pulled by digest, beside its tag or alone: `app@sha256:...`. */
function isByDigest(refName: string | undefined): boolean {
  return refName !== undefined && /^[^:@]*(:\d+\/[^:@]*)?@/.test(refName)
}

/**
 * A name with its repository, as docker shows it; undefined for a bare tag, as umoci and skopeo write it, and
 * for a mere digest. An image named only by a digest gets the beginning of its own as its tag, as when it is
 * pulled that way: `latest` may be another image, and so may be the one with the digest in the name.
 * @param own the digest of what is there; default: that in the name
 */
function localName(refName: string | undefined, own?: Digest): LocalName | undefined {
  if (refName === undefined || !/[:/]/.test(refName) || isMereDigest(refName)) return undefined
  const { name, digest } = splitDigestOff(refName)
  const tagAt = /:[^:/]*$/.exec(name)?.index ?? name.length
  const tag = name.slice(tagAt) || (digest === undefined ? '' : `:${shortDigest(own ?? digest)}`)
  try {
    return familiarName(name.slice(0, tagAt).toLowerCase() + tag)
  } catch {
    return undefined
  }
}

/**
 * What the user says counts; what the archive says is checked; the file's own name is the last resort, but
 * not for several images without names: those only have their digests.
 * @param isAlone whether it is the only image there without a name
 */
export function identityOf(
  image: NamedImage,
  label: string,
  names: NameChoice,
  isAlone = true,
): Pick<ChosenImage, 'name' | 'version' | 'publisher'> {
  if (isUnnamed(image) && !isAlone && names.name === undefined) return { name: '', version: '' }
  const said = saidOf(image)
  // Nor does a pipe have a name that could name an image.
  if (label.endsWith(PIPED) && (names.name ?? said.name) === undefined) return { name: '', version: '' }
  const name = names.name ?? said.name ?? nameOfFile(label)
  const version = names.version ?? said.version ?? versionOfFile(label)
  const publisher = said.publisher === undefined ? {} : { publisher: said.publisher }
  checkSaidNames(
    {
      name: names.name === undefined && said.name !== undefined ? name : undefined,
      version: names.version === undefined && said.version !== undefined ? version : undefined,
      ...publisher,
    },
    label,
  )
  return { name, version, ...publisher }
}

/**
 * What the installation recorded, as long as the image has the tag of its version: once that is gone, a tag
 * that was given later in the same repository is its only name.
 */
function saidOf(image: NamedImage): { name?: string; version?: string; publisher?: string } {
  const local = localName(image.refName, image.root.digest)
  const {
    [ANNOTATIONS.name]: name,
    [ANNOTATIONS.imageVersion]: version,
    [ANNOTATIONS.publisher]: publisher,
  } = image.annotations
  const isRetagged = local !== undefined && isUnderItsName(image) && !isAsInstalled(image)
  if (isRetagged) return { name, version: local.tag, publisher }
  const bareTag = local === undefined && !isMereDigest(image.refName) ? image.refName : undefined
  return { name: name ?? local?.repository, version: version ?? local?.tag ?? bareTag, publisher }
}

/** `NanoServer-10-0-14300-1010.tar` in its parts, as save names files. */
function fileParts(label: string): { name: string; version?: string } {
  const base = withoutEnding(path.basename(path.resolve(label)))
  const match = /^(.+?)-(\d+(?:-\d+){1,3})$/.exec(base)
  return match?.[1] && match[2] ? { name: match[1], version: match[2].replaceAll('-', '.') } : { name: base }
}

function nameOfFile(label: string): string {
  return fileParts(label).name
}

function versionOfFile(label: string): string {
  return fileParts(label).version ?? 'latest'
}
