import { canonicalBytes } from './canonical-json.js'
import { checkAnnotations, checkDescriptor, type Descriptor } from './descriptor.js'
import { parseObject } from './document.js'
import { anyCase, checkSpelling, withoutNulls } from './go-json.js'
import { LIMITS } from './limits.js'
import { isManifestType, isMediaType } from './media-types.js'
import { Findings } from './problems.js'

/** manifest.md: one image, or an artifact such as a signature. */
export interface Manifest {
  schemaVersion: 2
  mediaType?: string
  artifactType?: string
  config: Descriptor
  layers: Descriptor[]
  subject?: Descriptor
  annotations?: Record<string, string>
}

const MEMBERS = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'subject', 'annotations']

/**
 * Parses and checks a manifest.
 * @param mediaType what its descriptor calls it; the document must not contradict (CVE-2021-41190)
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): Manifest {
  const object = withoutNulls(parseObject(bytes, 'manifest', LIMITS.manifestBytes), ['layers'])
  const findings = new Findings('manifest')
  checkManifest(object, mediaType, findings)
  findings.throwIfAny()
  return object as unknown as Manifest
}

function checkManifest(m: Record<string, unknown>, mediaType: string | undefined, findings: Findings): void {
  checkSpelling(m, MEMBERS, '', findings)
  if (m.schemaVersion !== 2) findings.add('schemaVersion', '2', m.schemaVersion)
  checkDocumentType(m, mediaType, isManifestType, findings)
  for (const key of ['manifests', 'fsLayers'])
    if (anyCase(m, key) !== undefined) findings.add(key, 'nothing, in a manifest', key)
  if (m.artifactType !== undefined && !isMediaType(m.artifactType))
    findings.add('artifactType', 'a media type', m.artifactType)
  checkDescriptor(m.config, 'config', findings)
  if (!Array.isArray(m.layers)) findings.add('layers', 'a list of descriptors', m.layers)
  else if (m.layers.length > LIMITS.layers)
    findings.add('layers', `at most ${LIMITS.layers} layers`, m.layers.length)
  else m.layers.forEach((layer, i) => void checkDescriptor(layer, `layers[${i}]`, findings))
  if (m.subject !== undefined) checkDescriptor(m.subject, 'subject', findings)
  if (m.annotations !== undefined) checkAnnotations(m.annotations, 'annotations', findings)
}

/** Checks that a document's own media type fits its kind and is the one that its descriptor gives. */
export function checkDocumentType(
  document: Record<string, unknown>,
  outer: string | undefined,
  ofKind: (mediaType: string) => boolean,
  findings: Findings,
): void {
  const inner = document.mediaType
  if (inner !== undefined && (typeof inner !== 'string' || !ofKind(inner)))
    findings.add('mediaType', 'the media type of this kind of document', inner)
  else if (outer !== undefined && inner !== undefined && inner !== outer)
    findings.add('mediaType', `${outer}, as its descriptor says`, inner)
  if (outer !== undefined && !ofKind(outer))
    findings.add('(descriptor).mediaType', 'the type of this document', outer)
}

/** The canonical bytes of a manifest that we make. */
export function manifestBytes(manifest: Manifest): Buffer {
  return canonicalBytes(manifest)
}
