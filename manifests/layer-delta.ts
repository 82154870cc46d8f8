import { canonicalBytes } from './canonical-json.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { isObject } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** The documents' version; a reader accepts no other. */
const FORMAT = 1
const MOST_BASES = 16
/** In bytes; no layer has more tokens. */
const MOST_STREAM = 2 ** 38

/**
 * What kind of bytes a delta copies and adds: those of the tar itself, or the tokens of the gzip file around
 * it, which restore exactly that file.
 */
export const DELTA_FORMS = ['tar', 'gzip-tokens'] as const
export type DeltaForm = (typeof DELTA_FORMS)[number]

/** A layer that a delta was made against, and that must be available. */
export interface NeededLayer {
  digest: Digest
  diffId: Digest
  /** Of the blob, in bytes. */
  size: number
  /** Of its tokens or its tar, in bytes. */
  streamSize: number
}

/** The document at the beginning of a delta. */
export interface LayerDelta {
  form: DeltaForm
  /** The layer's blob, which the delta was made from. */
  layer: { digest: Digest; size: number }
  diffId: Digest
  /** Of the layer's tokens or its tar, in bytes. */
  streamSize: number
  /** Whether the blob itself is restored; otherwise only the plain tar is. */
  exact: boolean
  /** In the order in which the copies count them. */
  bases: NeededLayer[]
}

export function printLayerDelta(delta: LayerDelta): Uint8Array {
  return canonicalBytes({ format: FORMAT, ...delta })
}

/** @throws INVALID_DOCUMENT, DOCUMENT_TOO_LARGE */
export function parseLayerDelta(bytes: Uint8Array): LayerDelta {
  const name = "layer's delta"
  const object = parseObject(bytes, name, LIMITS.layerDeltaBytes)
  const findings = new Findings(name)
  if (object.format !== FORMAT) findings.add('format', String(FORMAT), object.format)
  const form = DELTA_FORMS.find((one) => one === object.form)
  if (!form) findings.add('form', DELTA_FORMS.join(' or '), object.form)
  if (typeof object.exact !== 'boolean') findings.add('exact', 'true or false', object.exact)
  if (form === 'gzip-tokens' && object.exact !== true) findings.add('exact', 'true', object.exact)
  const layer = isObject(object.layer) ? object.layer : {}
  const bases = Array.isArray(object.bases) ? object.bases : []
  if (bases.length < 1 || bases.length > MOST_BASES)
    findings.add('bases', `1 to ${MOST_BASES} layers`, object.bases)
  const delta: LayerDelta = {
    form: form ?? 'tar',
    layer: {
      digest: digestIn(layer.digest, 'layer.digest', findings),
      size: sizeIn(layer.size, 'layer.size', findings),
    },
    diffId: digestIn(object.diffId, 'diffId', findings),
    streamSize: sizeIn(object.streamSize, 'streamSize', findings),
    exact: object.exact === true,
    bases: bases.slice(0, MOST_BASES).map((one, i) => baseIn(one, `bases[${i}]`, findings)),
  }
  // A layer that needs itself could never be made.
  for (const [i, base] of delta.bases.entries())
    if (base.digest === delta.layer.digest) findings.add(`bases[${i}].digest`, 'another layer', base.digest)
  findings.throwIfAny()
  return delta
}

function baseIn(value: unknown, where: string, findings: Findings): NeededLayer {
  const base = isObject(value) ? value : {}
  return {
    digest: digestIn(base.digest, `${where}.digest`, findings),
    diffId: digestIn(base.diffId, `${where}.diffId`, findings),
    size: sizeIn(base.size, `${where}.size`, findings),
    streamSize: sizeIn(base.streamSize, `${where}.streamSize`, findings),
  }
}

function digestIn(value: unknown, where: string, findings: Findings): Digest {
  if (isDigest(value)) return value
  findings.add(where, 'a digest', value)
  return ''
}

function sizeIn(value: unknown, where: string, findings: Findings): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_STREAM)
    return value
  findings.add(where, `a size of at most ${MOST_STREAM} bytes`, value)
  return 0
}
