import {
  ANNOTATIONS,
  type Descriptor,
  familiarName,
  formatLocalName,
  type ImageIndex,
  isReference,
  parseReference,
} from '../../manifests/index.js'

/**
 * The mark of an index whose entries have whole names, so that a name that was removed does not come back.
 */
export const WHOLE_NAMES = { [ANNOTATIONS.names]: 'whole' }

/** Whether this is the index of a store or media of ours. */
export function hasWholeNames({ annotations }: ImageIndex): boolean {
  return annotations?.[ANNOTATIONS.names] === WHOLE_NAMES[ANNOTATIONS.names]
}

/**
 * The entries of a layout's index. Before names were whole repositories, an image was called by the last part of the
 * reference that it came from; that reference stands beside it, and is its name as well.
 */
export function entriesOf(index: ImageIndex): Descriptor[] {
  const { manifests } = index
  if (hasWholeNames(index)) return manifests
  const taken = new Set(manifests.map((entry) => entry.annotations?.[ANNOTATIONS.refName]))
  return manifests.flatMap((entry) => {
    const refName = originName(entry)
    if (refName === undefined || taken.has(refName)) return [entry]
    taken.add(refName)
    return [entry, { ...entry, annotations: { ...entry.annotations, [ANNOTATIONS.refName]: refName } }]
  })
}

/** The name by which the image was fetched; undefined for one that came by digest, or from a file. */
function originName({ annotations = {} }: Descriptor): string | undefined {
  const source = annotations[ANNOTATIONS.source] ?? ''
  const tag = annotations[ANNOTATIONS.refName]?.split(':').at(-1)
  if (annotations[ANNOTATIONS.name] === undefined || tag === 'latest' || !isReference(source))
    return undefined
  const { digest, tag: own, registry, repository } = parseReference(source)
  return digest === undefined && own !== undefined
    ? formatLocalName(familiarName(`${registry}/${repository}:${own}`))
    : undefined
}
