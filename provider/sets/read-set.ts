import path from 'node:path'
import { checkVersionParameters, refuseWildcards } from '../../catalog/version-parameters.js'
import {
  ContainerImageError,
  canonicalDigest,
  type Digest,
  type Findings,
  isReference,
  LIMITS,
  type Problem,
  parseReference,
  parseSet,
  type SetDocument,
  type SetImage,
} from '../../manifests/index.js'
import { savedFormats } from '../formats/open/saved-formats.js'
import { readDocument } from '../io/files/read-document.js'
import { splitTag } from '../names/split-tag.js'
import type { VersionOptions } from '../session/options.js'

/** A set as described by its file. */
export interface ReadSet extends SetDocument {
  /** The file. */
  path: string
  /** The digest of what it asks for, regardless of comments and spelling. */
  asks: Digest
  wishes: SetWish[]
}

/** One image of a set, as a verb asks for it. */
export interface SetWish extends VersionOptions {
  /** As it stands in the set. */
  asked: string
  /** A name, a reference, or a path. */
  name: string
  platform?: string[] | undefined
  allPlatforms?: boolean | undefined
  source?: string | undefined
}

/**
 * Reads a set. Paths in it are relative to its folder.
 * @throws SET_INVALID with every problem and its line; PATH_NOT_FOUND, DOCUMENT_TOO_LARGE
 */
export async function readSet(file: string): Promise<ReadSet> {
  const place = path.resolve(file)
  const formats = savedFormats().flatMap(({ saved, name }) => (saved.isNamed ? [name] : []))
  const bytes = await readDocument(place, LIMITS.setBytes)
  const { set, findings } = await parseSet(bytes, path.basename(place), formats)
  for (const [at, image] of set.images.entries()) checkImage(image, `images[${at}]`, findings)
  findings.problems.sort((a, b) => lineOf(a) - lineOf(b))
  findings.throwIfAny('SET_INVALID')
  const wishes = set.images.map((image) => wishOf(image, set))
  const here = path.dirname(place)
  return {
    ...set,
    path: place,
    asks: canonicalDigest(wishes),
    wishes: wishes.map((wish) => ({
      ...wish,
      name: fromFolder(here, wish.name),
      source: wish.source === undefined ? undefined : fromFolder(here, wish.source),
    })),
    base: set.base?.map((base) => path.resolve(here, base)),
  }
}

/** Problems are listed in the order of their lines. */
function lineOf({ where }: Problem): number {
  return Number(/^line (\d+)/.exec(where)?.[1] ?? 0)
}

/** What the parser of the document cannot know: versions, and names of images. */
function checkImage(image: SetImage, where: string, findings: Findings): void {
  const wrong = (expected: string, found: string): void =>
    findings.note(`line ${image.line}, ${where}`, expected, found)
  try {
    refuseWildcards([image.name])
    const tag = tagOf(image.name)
    const { kind } = checkVersionParameters(versionsOf(image), [image.name])
    if (tag !== undefined && kind !== 'newest') wrong('one version', `${tag}, and another`)
    if (image.newest !== undefined && (kind === 'all' || kind === 'exact' || tag !== undefined))
      wrong('newest with a range or a wildcard of versions', 'one that leaves nothing to count')
  } catch (error) {
    if (!(error instanceof ContainerImageError)) throw error
    wrong(String(error.expected ?? 'one way to choose versions'), error.message.replace(/\.$/, ''))
  }
}

function tagOf(name: string): string | undefined {
  if (!isReference(name)) return splitTag(name).tag
  const { tag, digest } = parseReference(name)
  return digest ?? tag
}

function versionsOf(image: SetImage): VersionOptions {
  const { version, minimumVersion, maximumVersion, allVersions, newest, exclude } = image
  return { requiredVersion: version, minimumVersion, maximumVersion, allVersions, newest, exclude }
}

function wishOf(image: SetImage, set: SetDocument): SetWish {
  const source = image.source ?? set.source
  const areOwn = image.platforms !== undefined || image.allPlatforms !== undefined
  const { platforms, allPlatforms } = areOwn ? image : set
  return {
    ...versionsOf(image),
    asked: image.name,
    name: image.name,
    platform: platforms,
    allPlatforms,
    source: source === undefined ? undefined : (set.sources?.[source] ?? source),
  }
}

/** `./site.tar` beside the set. */
function fromFolder(folder: string, text: string): string {
  return /^\.{1,2}[\\/]/.test(text) ? path.resolve(folder, text) : text
}
