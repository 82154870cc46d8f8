import type { ArtifactKind } from './artifact-kind.js'
import { isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { LIMITS } from './limits.js'
import { Findings, printable } from './problems.js'

/** What a media holds, according to the `media.json` at its top. */
export interface MediaList {
  mediaVersion: 1
  /** In the order of names and versions. */
  images: MediaImage[]
  /** Every file of the media except this one and the list of sums, in the order of their paths. */
  files: MediaFile[]
}

export interface MediaImage extends Partial<ArtifactKind> {
  name: string
  version: string
  /** `CN=Microsoft_NanoServer_10.0.14300.1010`. */
  fullName: string
  /** Its name in the layout: `nanoserver:10.0.14300.1010`. */
  tag: string
  /**
   * `windows/amd64:10.0.14300.1010`; for an index, that of the image that represents it. Empty for an
   * artifact.
   */
  platform: string
  digest: string
  mediaType: string
  /** Bytes of its blobs. */
  size: number
  /** Where it was saved from: a registry and repository, or a file's name. */
  source: string
  /** ISO 8601. */
  saved: string
  /** Which version of this program saved it. */
  savedBy: string
  /** Whose signatures on it the policy of that save accepted, in words; left out if there was no policy. */
  signedBy?: string
}

export interface MediaFile {
  /** From the top of the media, with forward slashes. */
  path: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
  /** Of a layer: what the files in it add up to, in bytes; left out where no save looked into it. */
  unpackedSize?: number
}

/** What any list says about a file; its size in bytes if the list has sizes. */
export type ListedFile = Pick<MediaFile, 'path' | 'sha256'> & { size?: number }

/** The names of the files at the top of a media that are not part of its layout. */
export const MEDIA_FILE = 'media.json'
export const SUMS_FILE = 'SHA256SUMS'
export const PAGE_FILE = 'index.html'

/** The bytes of a list, for people to read as well. */
export function mediaListBytes(list: MediaList): Buffer {
  return Buffer.from(`${JSON.stringify(list, undefined, 2)}\n`, 'utf8')
}

/** Sums as `sha256sum -c` reads them. */
export function sumsBytes(files: ListedFile[]): Buffer {
  return Buffer.from(files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''), 'utf8')
}

/** The files in a list of sums; undefined if it is not such a list, or names what cannot be on a media. */
export function parseSums(bytes: Uint8Array): ListedFile[] | undefined {
  const files: ListedFile[] = []
  for (const line of Buffer.from(bytes).toString('utf8').split(/\r?\n/)) {
    if (line === '') continue
    const [, sha256 = '', path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (!isPortablePath(path)) return undefined
    files.push({ path, sha256 })
  }
  return files.length > 0 ? files : undefined
}

/**
 * Parses and checks a list.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseMediaList(bytes: Uint8Array): MediaList {
  const object = parseObject(bytes, 'file list of the media', LIMITS.indexBytes)
  const findings = new Findings('file list of the media')
  if (object.mediaVersion !== 1) findings.add('mediaVersion', '1', object.mediaVersion)
  eachObject(object.images, 'images', findings, checkImage)
  eachObject(object.files, 'files', findings, checkFile)
  findings.throwIfAny()
  const list = object as unknown as MediaList
  checkDistinct(list.files, findings)
  findings.throwIfAny()
  return list
}

const TEXTS = ['name', 'version', 'fullName', 'tag', 'platform', 'mediaType', 'source', 'saved', 'savedBy']

function checkImage(image: Record<string, unknown>, where: string, findings: Findings): void {
  for (const key of TEXTS)
    if (typeof image[key] !== 'string') findings.add(`${where}.${key}`, 'a text', image[key])
  if (!isDigest(image.digest)) findings.add(`${where}.digest`, 'a digest', image.digest)
  if (image.signedBy !== undefined && typeof image.signedBy !== 'string')
    findings.add(`${where}.signedBy`, 'a text', image.signedBy)
  checkSize(image.size, `${where}.size`, findings)
}

function checkFile(file: Record<string, unknown>, where: string, findings: Findings): void {
  if (!isPortablePath(file.path)) findings.add(`${where}.path`, 'a path below the media', file.path)
  if (typeof file.sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(file.sha256))
    findings.add(`${where}.sha256`, '64 hex digits', file.sha256)
  checkSize(file.size, `${where}.size`, findings)
  if (file.unpackedSize !== undefined) checkSize(file.unpackedSize, `${where}.unpackedSize`, findings)
}

function checkSize(size: unknown, where: string, findings: Findings): void {
  if (!Number.isSafeInteger(size) || (size as number) < 0) findings.add(where, 'a number of bytes', size)
}

/**
 * Whether a path stays below its folder and is allowed on FAT32, exFAT, NTFS and ISO 9660: no `..`, no
 * characters that one of them refuses, no dot or blank at the end of a name.
 */
export function isPortablePath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > 1000 || path !== printable(path)) return false
  return path.split('/').every((name) => /^[^<>:"|?*\\]{1,255}$/.test(name) && !/[. ]$/.test(name))
}

/** Two names that differ only in case are one file on most sticks. */
function checkDistinct(files: MediaFile[], findings: Findings): void {
  const seen = new Set<string>()
  files.forEach(({ path }, i) => {
    const key = path.toLowerCase()
    if (seen.has(key)) findings.add(`files[${i}].path`, 'a path that is listed once', path)
    seen.add(key)
  })
}
