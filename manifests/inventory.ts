import { canonicalDigest } from './canonical-json.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { isSize, isTexts } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { present } from './present.js'
import { Findings } from './problems.js'
import { VERSION } from './program.js'

/** What a store or an engine has, to be carried to the machine that saves images for it. */
export interface Inventory {
  /** Of the format. */
  inventoryVersion: 1
  /** Identifies the content, not the time: 64 hex digits, the same for the same images and blobs. */
  id: string
  /** ISO 8601. */
  created: string
  /** Which version of this program wrote it. */
  createdBy: string
  /** Only if its owner allowed it. */
  host?: string
  /** What it lists. */
  of: InventoryKind
  /** Every image that is there. */
  images: InventoryImage[]
  /** Every blob that is completely there; none for engines that keep layers only unpacked. */
  blobs: InventoryBlob[]
}

/** For a store its blobs count; for docker and podman the chains of unpacked layers. */
const INVENTORY_KINDS = ['store', 'docker', 'podman', 'containerd'] as const

/** What an inventory lists. */
export type InventoryKind = (typeof INVENTORY_KINDS)[number]

export interface InventoryImage {
  /** Without host and version: `debian`. */
  name: string
  /** `12.5`. */
  version: string
  /** `debian:12.5`. */
  tags: string[]
  /** `linux/amd64`. */
  platform: string
  /** Of the manifest or index; undefined if an engine does not keep it. */
  digest?: Digest
  /** Of its layers, the lowest first. The digest is of the blob as stored, if it is stored. */
  layers: { digest?: Digest; diffId: Digest }[]
}

export interface InventoryBlob {
  /** Of its bytes. */
  digest: Digest
  /** In bytes. */
  size: number
}

/** What an inventory is made from; the rest is derived. */
export type InventoryContent = Pick<Inventory, 'of' | 'images' | 'blobs' | 'host'>

/** @param now ISO 8601 */
export function inventoryOf({ host, ...content }: InventoryContent, now: string): Inventory {
  const id = canonicalDigest(content).slice('sha256:'.length)
  return {
    inventoryVersion: 1,
    id,
    created: now,
    createdBy: VERSION,
    ...present({ host }),
    ...content,
  }
}

/** One line per image and per blob: small, and readable for whoever reviews it. */
export function inventoryBytes({ images, blobs, ...head }: Inventory): Buffer {
  const lines = (items: unknown[]): string =>
    items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`
  const heads = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  )
  return Buffer.from(
    `{\n${heads.join('')}  "images": ${lines(images)},\n  "blobs": ${lines(blobs)}\n}\n`,
    'utf8',
  )
}

/**
 * Parses and checks an inventory.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseInventory(bytes: Uint8Array): Inventory {
  const object = parseObject(bytes, 'inventory', LIMITS.indexBytes)
  const findings = new Findings('inventory')
  if (object.inventoryVersion !== 1) findings.add('inventoryVersion', '1', object.inventoryVersion)
  if (typeof object.id !== 'string' || !/^[0-9a-f]{64}$/.test(object.id))
    findings.add('id', '64 hex digits', object.id)
  for (const key of ['created', 'createdBy'])
    if (typeof object[key] !== 'string') findings.add(key, 'a text', object[key])
  if (object.host !== undefined && typeof object.host !== 'string')
    findings.add('host', 'a text', object.host)
  if (!INVENTORY_KINDS.some((kind) => kind === object.of))
    findings.add('of', INVENTORY_KINDS.join(', '), object.of)
  eachObject(object.images, 'images', findings, checkImage)
  eachObject(object.blobs, 'blobs', findings, checkBlob)
  findings.throwIfAny()
  const inventory = object as unknown as Inventory
  checkId(inventory, findings)
  findings.throwIfAny()
  return inventory
}

/** With an inventory that was edited by hand, or cut, a save would leave out what the other side lacks. */
function checkId({ id, of, images, blobs }: Inventory, findings: Findings): void {
  const found = canonicalDigest({ of, images, blobs }).slice('sha256:'.length)
  if (found !== id) findings.add('id', `the SHA-256 of its content, ${found}`, id)
}

function checkImage(image: Record<string, unknown>, where: string, findings: Findings): void {
  for (const key of ['name', 'version', 'platform'])
    if (typeof image[key] !== 'string') findings.add(`${where}.${key}`, 'a text', image[key])
  if (!isTexts(image.tags)) findings.add(`${where}.tags`, 'a list of texts', image.tags)
  checkOptionalDigest(image.digest, `${where}.digest`, findings)
  eachObject(image.layers, `${where}.layers`, findings, (layer, place) => {
    checkOptionalDigest(layer.digest, `${place}.digest`, findings)
    if (!isDigest(layer.diffId)) findings.add(`${place}.diffId`, 'a digest', layer.diffId)
  })
}

function checkOptionalDigest(digest: unknown, where: string, findings: Findings): void {
  if (digest !== undefined && !isDigest(digest)) findings.add(where, 'a digest', digest)
}

function checkBlob(blob: Record<string, unknown>, where: string, findings: Findings): void {
  if (!isDigest(blob.digest)) findings.add(`${where}.digest`, 'a digest', blob.digest)
  if (!isSize(blob.size)) findings.add(`${where}.size`, 'a number of bytes', blob.size)
}
