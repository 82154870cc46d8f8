import {
  familiarRepository,
  formatReference,
  parseReference,
  type Reference,
  shortDigest,
} from '../manifests/index.js'
import { type Entry, inRegistry } from './entry.js'

/**
 * The entry that a full reference names, without any configured source: its name is its whole repository, its
 * version the tag, else the short digest, else `latest` as docker reads it. Its source is the registry.
 * @throws INVALID_REFERENCE
 */
export function entryFromReference(text: string, options: { insecure?: boolean } = {}): Entry {
  const reference = withTag(parseReference(text))
  return {
    name: wholeName(reference),
    version: reference.tag ?? shortDigest(reference.digest ?? ''),
    summary: `${reference.registry}/${reference.repository}`,
    source: reference.registry,
    digest: reference.digest,
    location: inRegistry(formatReference(reference), options.insecure),
  }
}

/** The whole name of what is in a repository: `debian`, `quay.io/opstree/redis`. */
export function wholeName({ registry, repository }: Reference): string {
  return familiarRepository(`${registry}/${repository}`)
}

/** The last part of a repository's path: `debian` of `library/debian`. */
export function lastPart(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1)
}

function withTag(reference: Reference): Reference {
  return reference.tag || reference.digest ? reference : { ...reference, tag: 'latest' }
}
