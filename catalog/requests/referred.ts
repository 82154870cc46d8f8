import {
  ContainerImageError,
  formatReference,
  parseReference,
  printable,
  type Reference,
} from '../../manifests/index.js'
import type { Entry, ListOptions } from '../entry.js'
import { entryFromReference, wholeName } from '../entry-from-reference.js'
import type { TagLister } from '../ports.js'
import { RegistrySource } from '../sources/registry.js'
import { checkVersionParameters, type VersionChoice, type VersionParameters } from '../version-parameters.js'

/** How full references are looked at. */
export interface ReferenceOptions {
  /** Lists the tags of a reference without a tag; without it such a reference means `latest`. */
  lister?: TagLister
  /** Plain http is allowed. */
  insecure?: boolean
}

/** What a full reference names. */
export interface Referred {
  /** One if `isExact`; else the repository's tags, from which the version parameters choose. */
  entries: Entry[]
  isExact: boolean
}

/**
 * The entries that a full reference names, bypassing all sources: the one image of its tag or digest, or if
 * it has neither, the tags of the repository.
 * @throws INVALID_REFERENCE; VERSION_PARAMETERS if a tag stands beside a version parameter; network errors
 */
export async function referred(
  text: string,
  parameters: VersionParameters,
  options: ReferenceOptions,
  list: ListOptions,
): Promise<Referred> {
  const reference = parseReference(text)
  const choice = refuseSecondVersion(text, reference, parameters)
  if (hasVersion(reference)) return exactly(reference, options)
  if (options.lister)
    return { entries: await tagsOf(reference, options.lister, options, list), isExact: false }
  return exactly(choice.kind === 'exact' ? { ...reference, tag: choice.text } : reference, options)
}

/** A tag or digest gives the version, so nothing else may. @throws VERSION_PARAMETERS */
export function refuseSecondVersion(
  text: string,
  reference: Reference,
  parameters: VersionParameters,
): VersionChoice {
  const choice = checkVersionParameters(parameters, [text])
  if (hasVersion(reference) && choice.kind !== 'newest')
    throw new ContainerImageError('VERSION_PARAMETERS', `${printable(text)} names a version already.`, {
      remedy: 'Leave the version parameters out, or the tag.',
    })
  return choice
}

function hasVersion({ tag, digest }: Reference): boolean {
  return tag !== undefined || digest !== undefined
}

function exactly(reference: Reference, { insecure }: ReferenceOptions): Referred {
  return {
    entries: [entryFromReference(formatReference(reference), { insecure })],
    isExact: true,
  }
}

async function tagsOf(
  { registry, repository }: Reference,
  lister: TagLister,
  options: ReferenceOptions,
  list: ListOptions,
): Promise<Entry[]> {
  const location = `${options.insecure ? 'http' : 'https'}://${registry}`
  const oneRepository: TagLister = {
    tags: (host, name, how) => lister.tags(host, name, how),
    repositories: async () => undefined,
  }
  const source = new RegistrySource(
    { name: registry, location, insecure: options.insecure ?? false },
    oneRepository,
  )
  const { entries } = await source.entries([repository], list)
  // A reference is a whole name, whatever a source would call it.
  return entries.map((entry) => ({ ...entry, name: wholeName({ registry, repository }) }))
}
