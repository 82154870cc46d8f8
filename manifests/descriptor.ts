import { type Digest, isDigest } from './digest.js'
import { checkSpelling } from './go-json.js'
import { isObject, isSize } from './json-kinds.js'
import { isMediaType } from './media-types.js'
import { checkPlatform, type Platform } from './platform.js'
import type { Findings } from './problems.js'

/** descriptor.md: what names a blob. `size` is in bytes. */
export interface Descriptor {
  mediaType: string
  digest: Digest
  size: number
  urls?: string[]
  annotations?: Record<string, string>
  data?: string
  artifactType?: string
  platform?: Platform
}

const MEMBERS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform']

/** Adds to the findings what is wrong with a value that should be a descriptor. */
export function checkDescriptor(d: unknown, where: string, findings: Findings): void {
  if (!isObject(d)) {
    findings.add(where, 'a descriptor', d)
    return
  }
  checkSpelling(d, MEMBERS, where, findings)
  if (!isMediaType(d.mediaType)) findings.add(`${where}.mediaType`, 'a media type', d.mediaType)
  if (!isDigest(d.digest))
    findings.add(`${where}.digest`, 'a digest (sha256 or sha512, lower-case hex)', d.digest)
  if (!isSize(d.size)) findings.add(`${where}.size`, 'a whole number of bytes, not negative', d.size)
  if (d.urls !== undefined) checkUrls(d.urls, `${where}.urls`, findings)
  if (d.annotations !== undefined) checkAnnotations(d.annotations, `${where}.annotations`, findings)
  if (d.platform !== undefined) checkPlatform(d.platform, `${where}.platform`, findings)
  if (d.data !== undefined && typeof d.data !== 'string') findings.add(`${where}.data`, 'a text', d.data)
  if (d.artifactType !== undefined && !isMediaType(d.artifactType))
    findings.add(`${where}.artifactType`, 'a media type', d.artifactType)
}

function checkUrls(value: unknown, where: string, findings: Findings): void {
  if (!Array.isArray(value)) {
    findings.add(where, 'a list of URLs', value)
    return
  }
  value.forEach((url, i) => {
    if (typeof url !== 'string' || !URL.canParse(url)) findings.add(`${where}[${i}]`, 'a URL', url)
  })
}

/** annotations.md: keys and values are texts. */
export function checkAnnotations(value: unknown, where: string, findings: Findings): void {
  if (!isObject(value)) {
    findings.add(where, 'an object of texts', value)
    return
  }
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string') findings.add(`${where}.${key}`, 'a text', text)
}

/** Each descriptor once, the first of every digest, in the order given. */
export function distinct(descriptors: Iterable<Descriptor>): Descriptor[] {
  const seen = new Map<Digest, Descriptor>()
  for (const d of descriptors) if (!seen.has(d.digest)) seen.set(d.digest, d)
  return [...seen.values()]
}
