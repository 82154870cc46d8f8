import {
  ANNOTATIONS,
  formatReference,
  hasCode,
  isReference,
  isRepository,
  isTag,
  parseLocalName,
  parseReference,
} from '../../manifests/index.js'
import { identityOf } from '../choice/archive-images.js'
import { repositoryFor, tagFor } from '../names/local-names.js'
import type { NamedImage } from '../ports.js'

/** Under which name an image is served, and which names it had where it came from. */
export interface ServedName {
  repository: string
  /** Undefined for what has only its digest. */
  tag?: string
  /** Without tag and digest: `docker.io/library/debian`, where that is recorded. */
  origin?: string
}

/**
 * The name that the collection gives to an image; undefined for one that has none, or one that no client could
 * ask for. A host in the name stays a part of it, unless it has a port, which no repository's name can hold.
 */
export function servedName(image: NamedImage, label: string): ServedName | undefined {
  const origin = recordedOrigin(image)
  const named = fromRefName(image.refName) ?? fromIdentity(image, label)
  return named && { ...named, ...(named.origin === undefined && origin !== undefined ? { origin } : {}) }
}

function fromRefName(refName: string | undefined): ServedName | undefined {
  if (refName === undefined || !/[:/]/.test(refName)) return undefined
  const [name = '', digest] = refName.split('@')
  try {
    const { repository, tag } = parseLocalName(name)
    const origin = originOf(repository)
    const served = isRepository(repository) ? repository : repository.slice(repository.indexOf('/') + 1)
    return {
      repository: served,
      ...(digest === undefined ? { tag } : {}),
      ...(origin === undefined ? {} : { origin }),
    }
  } catch {
    return undefined
  }
}

/** What has no name but a tag, or none at all, is called as its annotations or its file say. */
function fromIdentity(image: NamedImage, label: string): ServedName | undefined {
  try {
    const { name, version } = identityOf(image, label, {})
    const tag = image.refName !== undefined && isTag(image.refName) ? image.refName : tagFor(version)
    return { repository: repositoryFor(name), tag }
  } catch (error) {
    if (hasCode(error, 'UNSAFE_NAME', 'INVALID_REFERENCE')) return undefined
    throw error
  }
}

/** A media records the reference that an image was saved from. */
function recordedOrigin({ annotations }: NamedImage): string | undefined {
  return originOf(annotations[ANNOTATIONS.source] ?? '')
}

/** The registry and repository of a full reference, under the names that clients use for them. */
export function originOf(reference: string): string | undefined {
  if (!isReference(reference)) return undefined
  const { registry, repository } = parseReference(reference)
  return formatReference({ registry: registryName(registry), repository })
}

/** Docker's registry answers to several names, of which references hold the first. */
export function registryName(host: string): string {
  const lower = host.toLowerCase()
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? 'docker.io' : lower
}
