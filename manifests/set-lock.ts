import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { isSize } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** What a set meant when it was locked: every digest. The same images always give the same bytes. */
export interface SetLock {
  lockVersion: 1
  /** Of what the set asks for; if that has changed, the lock is not for it any more. */
  asks: Digest
  /** In the order of names, versions and platforms. */
  images: LockedImage[]
}

export interface LockedImage {
  /** Its whole name: `quay.io/opstree/redis`, `NanoServer`. */
  name: string
  /** `12.5`. */
  version: string
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /** By which name of the set it was found. */
  asked: string
  /** Of the manifest, or of the index if all platforms are taken. */
  digest: Digest
  /** The index that it was chosen from, with its size in bytes. */
  index?: { digest: Digest; size: number }
  /** The full reference, if it is in a registry. */
  reference?: string
  /** The source that offered it. */
  source?: string
  /** The publisher that the source names. */
  publisher?: string
  /** Bytes of all that belongs to it. */
  size: number
  /** Sizes in bytes. */
  layers: { digest: Digest; size: number }[]
  /** Digests of signatures and whatever else goes with it. */
  artifacts?: Digest[]
}

/** One line per image, so that a comparison of two locks shows which changed. */
export function setLockBytes({ images, ...head }: SetLock): Buffer {
  const heads = Object.entries(head).map(([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`)
  const lines = images.map((image) => `    ${JSON.stringify(image)}`).join(',\n')
  const list = images.length === 0 ? '[]' : `[\n${lines}\n  ]`
  return Buffer.from(`{\n${heads.join('')}  "images": ${list}\n}\n`, 'utf8')
}

/**
 * Parses and checks a lock.
 * @param name of its file, for messages
 * @throws DOCUMENT_TOO_LARGE; INVALID_DOCUMENT if it is not JSON; SET_INVALID with every problem found
 */
export function parseSetLock(bytes: Uint8Array, name: string): SetLock {
  const object = parseObject(bytes, `lock ${name}`, LIMITS.indexBytes)
  const findings = new Findings(`lock ${name}`)
  if (object.lockVersion !== 1) findings.add('lockVersion', '1', object.lockVersion)
  if (!isDigest(object.asks)) findings.add('asks', 'a digest', object.asks)
  eachObject(object.images, 'images', findings, checkImage)
  findings.throwIfAny('SET_INVALID')
  return object as unknown as SetLock
}

function checkImage(image: Record<string, unknown>, where: string, findings: Findings): void {
  for (const key of ['name', 'version', 'platform', 'asked'])
    if (typeof image[key] !== 'string') findings.add(`${where}.${key}`, 'a text', image[key])
  for (const key of ['reference', 'source', 'publisher'])
    if (image[key] !== undefined && typeof image[key] !== 'string')
      findings.add(`${where}.${key}`, 'a text', image[key])
  if (!isSize(image.size)) findings.add(`${where}.size`, 'a number of bytes', image.size)
  checkSized(image, where, findings)
  if (image.index !== undefined)
    eachObject([image.index], `${where}.index`, findings, (one) =>
      checkSized(one, `${where}.index`, findings, true),
    )
  eachObject(image.layers, `${where}.layers`, findings, (layer, place) =>
    checkSized(layer, place, findings, true),
  )
  const { artifacts } = image
  if (artifacts !== undefined && !(Array.isArray(artifacts) && artifacts.every(isDigest)))
    findings.add(`${where}.artifacts`, 'a list of digests', artifacts)
}

function checkSized(one: Record<string, unknown>, where: string, findings: Findings, hasSize = false): void {
  if (!isDigest(one.digest)) findings.add(`${where}.digest`, 'a digest', one.digest)
  if (hasSize && !isSize(one.size)) findings.add(`${where}.size`, 'a number of bytes', one.size)
}
