import { canonicalBytes } from './canonical-json.js'
import { checkAnnotations, checkDescriptor, type Descriptor } from './descriptor.js'
import { parseObject } from './document.js'
import { anyCase, checkSpelling, withoutNulls } from './go-json.js'
import { LIMITS } from './limits.js'
import { checkDocumentType } from './manifest.js'
import { isIndexType, isMediaType } from './media-types.js'
import { Findings } from './problems.js'

/** image-index.md: several manifests, by platform; also the `index.json` of a layout. */
export interface ImageIndex {
  schemaVersion: 2
  mediaType?: string
  artifactType?: string
  manifests: Descriptor[]
  subject?: Descriptor
  annotations?: Record<string, string>
}

const MEMBERS = ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'subject', 'annotations']

/**
 * Parses and checks an index.
 * @param mediaType what its descriptor calls it, if there is one
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseIndex(bytes: Uint8Array, mediaType?: string): ImageIndex {
  const object = withoutNulls(parseObject(bytes, 'index', LIMITS.indexBytes), ['manifests'])
  const findings = new Findings('index')
  checkIndex(object, mediaType, findings)
  findings.throwIfAny()
  return object as unknown as ImageIndex
}

function checkIndex(index: Record<string, unknown>, mediaType: string | undefined, findings: Findings): void {
  checkSpelling(index, MEMBERS, '', findings)
  if (index.schemaVersion !== 2) findings.add('schemaVersion', '2', index.schemaVersion)
  checkDocumentType(index, mediaType, isIndexType, findings)
  for (const key of ['layers', 'config', 'fsLayers'])
    if (anyCase(index, key) !== undefined) findings.add(key, 'nothing, in an index', key)
  if (index.artifactType !== undefined && !isMediaType(index.artifactType))
    findings.add('artifactType', 'a media type', index.artifactType)
  if (!Array.isArray(index.manifests)) findings.add('manifests', 'a list of descriptors', index.manifests)
  else if (index.manifests.length > LIMITS.manifestsInIndex)
    findings.add('manifests', `at most ${LIMITS.manifestsInIndex}`, index.manifests.length)
  else index.manifests.forEach((m, i) => void checkDescriptor(m, `manifests[${i}]`, findings))
  if (index.subject !== undefined) checkDescriptor(index.subject, 'subject', findings)
  if (index.annotations !== undefined) checkAnnotations(index.annotations, 'annotations', findings)
}

/** The canonical bytes of an index that we make. */
export function indexBytes(index: ImageIndex): Buffer {
  return canonicalBytes(index)
}
