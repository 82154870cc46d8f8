import { canonicalBytes } from './canonical-json.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { eachObject } from './each-object.js'
import { isSize, isTexts } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** The file beside a layout that makes it a delta: what its images need but it does not carry, and why. */
export const DELTA_FILE = 'delta.json'

/** What an archive or a media is a delta against. */
export interface DeltaList {
  deltaVersion: 1
  /** What is on the other side, as far as we were told. */
  bases: DeltaBase[]
  /** By digest, each once. */
  missing: MissingBlob[]
}

export interface DeltaBase {
  /** `inventory of a store`, `receipt`, `OCI archive`. */
  kind: string
  /** The id of the inventory, or the digests of what an archive holds in one. */
  id: string
  /** Only the file's name. */
  name: string
  /** ISO 8601, if the base says it. */
  created?: string
}

export interface MissingBlob {
  digest: Digest
  /** In bytes. */
  size: number
  /** Images of this delta that need it: `debian 12.5`. */
  neededBy: string[]
  /** Images of the bases that have it. */
  inBase: string[]
  /** For a layer that no base has, carried as its difference from one that they have. */
  delta?: CarriedDelta
}

/** The blob that the layer is restored from. */
export interface CarriedDelta {
  digest: Digest
  /** In bytes. */
  size: number
  /** The layers that are needed as well. */
  needs: { digest: Digest; diffId: Digest; size: number }[]
}

/** Bytes that need not be carried. */
export function savedBytes({ missing }: DeltaList): number {
  return missing.reduce((sum, { size, delta }) => sum + size - (delta?.size ?? 0), 0)
}

/** The canonical bytes of a list: the same images and bases give the same delta file. */
export function deltaListBytes(list: DeltaList): Buffer {
  return canonicalBytes(list)
}

/**
 * Parses and checks a list.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseDeltaList(bytes: Uint8Array): DeltaList {
  const object = parseObject(bytes, 'list of a delta', LIMITS.indexBytes)
  const findings = new Findings('list of a delta')
  if (object.deltaVersion !== 1) findings.add('deltaVersion', '1', object.deltaVersion)
  eachObject(object.bases, 'bases', findings, checkBase)
  eachObject(object.missing, 'missing', findings, checkMissing)
  findings.throwIfAny()
  const list = object as unknown as DeltaList
  const seen = new Set<Digest>()
  list.missing.forEach(({ digest }, i) => {
    if (seen.has(digest)) findings.add(`missing[${i}].digest`, 'a digest that is listed once', digest)
    seen.add(digest)
  })
  findings.throwIfAny()
  return list
}

function checkBase(base: Record<string, unknown>, where: string, findings: Findings): void {
  for (const key of ['kind', 'id', 'name'])
    if (typeof base[key] !== 'string') findings.add(`${where}.${key}`, 'a text', base[key])
  if (base.created !== undefined && typeof base.created !== 'string')
    findings.add(`${where}.created`, 'a text', base.created)
}

function checkMissing(blob: Record<string, unknown>, where: string, findings: Findings): void {
  if (!isDigest(blob.digest)) findings.add(`${where}.digest`, 'a digest', blob.digest)
  if (!isSize(blob.size)) findings.add(`${where}.size`, 'a number of bytes', blob.size)
  for (const key of ['neededBy', 'inBase'])
    if (!isTexts(blob[key])) findings.add(`${where}.${key}`, 'a list of texts', blob[key])
  if (blob.delta !== undefined) checkDelta(blob.delta, blob.digest, `${where}.delta`, findings)
}

/** A layer that needs itself could never be made. */
function checkDelta(delta: unknown, made: unknown, where: string, findings: Findings): void {
  eachObject([delta], where, findings, ({ digest, size, needs }) => {
    if (!isDigest(digest) || digest === made) findings.add(`${where}.digest`, 'a digest of its own', digest)
    if (!isSize(size)) findings.add(`${where}.size`, 'a number of bytes', size)
    eachObject(needs, `${where}.needs`, findings, (need, place) => {
      for (const key of ['digest', 'diffId'])
        if (!isDigest(need[key]) || need[key] === made)
          findings.add(`${place}.${key}`, 'the digest of another layer', need[key])
      if (!isSize(need.size)) findings.add(`${place}.size`, 'a number of bytes', need.size)
    })
  })
}
