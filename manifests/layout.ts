import { type Digest, splitDigest } from './digest.js'
import { parseObject } from './document.js'
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

/** @throws INVALID_DOCUMENT where it is of another version than 1.x */
export function checkLayoutFile(bytes: Uint8Array): void {
  const object = parseObject(bytes, 'oci-layout file', 64 * 1024)
  const findings = new Findings('oci-layout file')
  if (typeof object.imageLayoutVersion !== 'string' || !object.imageLayoutVersion.startsWith('1.'))
    findings.add('imageLayoutVersion', '"1.0.0"', object.imageLayoutVersion)
  findings.throwIfAny()
}
