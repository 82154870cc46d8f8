import {
  ANNOTATIONS,
  engineRepository,
  familiarName,
  formatReference,
  hasCode,
  isReference,
  isRepository,
  isTag,
  parseReference,
} from '../../manifests/index.js'
import { identityOf } from '../choice/archive-identity.js'
import type { NamedImage } from '../copy/ports.js'
import { repositoryFor, tagFor } from '../names/local-names.js'

/** Under which name an image is served, and which name it had where it came from. */
export interface ServedName {
  /** As docker shows it: `debian`, `registry.site:5000/base/debian`. */
  wholeName: string
  /** What a client can ask for: the whole name, without a host that has a port. */
  repository: string
  /** Undefined for what has only its digest. */
  tag?: string
  /** Without tag and digest: `docker.io/library/debian`, where that is recorded. */
  origin?: string
}

/**
 * The name that the collection gives to an image; undefined for one that has none, or one that no client could
 * ask for. A host in the name stays a part of it, unless it has a port, which no repository's name can hold.
 * @param isAlone whether it is the only image there without a name, and so has that of the file
 */
export function servedName(image: NamedImage, label: string, isAlone: boolean): ServedName | undefined {
  const origin = recordedOrigin(image)
  const named = fromRefName(image.refName) ?? fromIdentity(image, label, isAlone)
  if (!named) return undefined
  const { wholeName, tag } = named
  const repository = isRepository(wholeName) ? wholeName : wholeName.slice(wholeName.indexOf('/') + 1)
  // A name without a host may be a catalog's or the user's; where the image came from is recorded then.
  const own = originOf(wholeName) ?? origin ?? engineRepository(wholeName)
  return { wholeName, repository, tag, origin: own }
}

function fromRefName(refName: string | undefined): Pick<ServedName, 'wholeName' | 'tag'> | undefined {
  if (refName === undefined || !/[:/]/.test(refName)) return undefined
  const [name = '', digest] = refName.split('@')
  try {
    const { repository, tag } = familiarName(name)
    return digest === undefined ? { wholeName: repository, tag } : { wholeName: repository }
  } catch {
    return undefined
  }
}

/** What has no name but a tag, or none at all, is called as its annotations or its file say. */
function fromIdentity(
  image: NamedImage,
  label: string,
  isAlone: boolean,
): Pick<ServedName, 'wholeName' | 'tag'> | undefined {
  try {
    const { name, version } = identityOf(image, label, {}, isAlone)
    if (name === '') return undefined
    const tag = image.refName !== undefined && isTag(image.refName) ? image.refName : tagFor(version)
    return { wholeName: repositoryFor(name), tag }
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
function originOf(reference: string): string | undefined {
  if (!isReference(reference)) return undefined
  const { registry, repository } = parseReference(reference)
  return formatReference({ registry: registryName(registry), repository })
}

/** Docker's registry answers to several names, of which references hold the first. */
export function registryName(host: string): string {
  const lower = host.toLowerCase()
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? 'docker.io' : lower
}
