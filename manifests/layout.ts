import { type Digest, splitDigest } from './digest.js'
import { parseObject } from './document.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** image-layout.md: the names of the fixed files of a layout. */
export const LAYOUT_FILE = 'oci-layout'
export const INDEX_FILE = 'index.json'
export const BLOBS_FOLDER = 'blobs'

/** The content of `oci-layout`. */
export const LAYOUT_BYTES = Buffer.from('{"imageLayoutVersion":"1.0.0"}', 'utf8')

/** `blobs/<algorithm>/<hex>`, with forward slashes. @throws INVALID_DIGEST */
export function blobPath(digest: Digest): string {
  const { algorithm, hex } = splitDigest(digest)
  return `${BLOBS_FOLDER}/${algorithm}/${hex}`
}

/** @throws INVALID_DOCUMENT if it is of another version than 1.x */
export function checkLayoutFile(bytes: Uint8Array): void {
  const object = parseObject(bytes, 'oci-layout file', LIMITS.layoutFileBytes)
  const findings = new Findings('oci-layout file')
  const version = object.imageLayoutVersion
  if (typeof version !== 'string' || !/^1\.\d+\.\d+$/.test(version))
    findings.add('imageLayoutVersion', '"1.0.0"', version)
  findings.throwIfAny()
}
