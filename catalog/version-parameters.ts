import { ContainerImageError, isTag, option, present, printable, show } from '../manifests/index.js'
import { compareVersions, parseVersion, type Version } from './version.js'
import { hasWildcard, matcher } from './wildcard.js'

/** How a request says which versions it means; by default the newest. */
export interface VersionParameters {
  /** A version, an exact tag, or a wildcard pattern: the newest of these. */
  requiredVersion?: string
  minimumVersion?: string
  maximumVersion?: string
  allVersions?: boolean
  /** How many of the newest; default: one. */
  newest?: number
  /** Versions that are never meant, exact or as wildcards. */
  exclude?: readonly string[]
}

/** Checked version parameters: exactly one way to choose, and what narrows it. */
export type VersionChoice = VersionKind & {
  /** How many versions; default: one. */
  count?: number
  /** Versions that are left out before anything is chosen. */
  isExcluded?: (version: string) => boolean
}

type VersionKind =
  | { kind: 'newest' }
  | { kind: 'all' }
  /** The newest within bounds, both inclusive. */
  | { kind: 'range'; minimum?: Version; maximum?: Version }
  /** The same text, or if there is none, the same numbers. */
  | { kind: 'exact'; text: string; version?: Version }
  /** The newest of those whose text matches. */
  | { kind: 'wildcard'; text: string; matches: (version: string) => boolean }

/**
 * Checks version parameters and refuses the combinations that PowerShell refuses. The words are those of
 * OneGet's cmdlets and not of the ContainerImage module: Find-ContainerImage handed its parameters to
 * Find-Package, whose own check came first, so these are the messages that users saw. Only the requirement
 * for a name is the module's, as OneGet has none.
 * @param names what the request names; empty or only blanks means everything
 * @throws VERSION_PARAMETERS, INVALID_VERSION
 */
export function checkVersionParameters(parameters: VersionParameters, names: string[] = []): VersionChoice {
  const { newest: count, exclude = [] } = parameters
  const isExcluded = exclude.length > 0 ? excludes(exclude) : undefined
  return present({ ...kindOf(parameters, names), count, isExcluded })
}

/** @throws VERSION_PARAMETERS, INVALID_VERSION */
function kindOf(parameters: VersionParameters, names: string[]): VersionKind {
  const { requiredVersion, minimumVersion, maximumVersion, allVersions } = parameters
  const bounded = minimumVersion !== undefined || maximumVersion !== undefined
  if (allVersions && (requiredVersion !== undefined || bounded))
    throw refused(
      'You cannot use the parameter AllVersions with RequiredVersion, MinimumVersion or MaximumVersion in the same command.',
    )
  if (requiredVersion !== undefined && bounded)
    throw refused(
      'You cannot use the parameters RequiredVersion and either MinimumVersion or MaximumVersion in the same command.',
    )
  if (allVersions) return { kind: 'all' }
  if (requiredVersion !== undefined) return required(requiredVersion)
  if (bounded) return range(minimumVersion, maximumVersion, names)
  return { kind: 'newest' }
}

/** An exact version means its text, and whatever has the same numbers. */
function excludes(patterns: readonly string[]): (version: string) => boolean {
  const tests = patterns.map((pattern) => {
    const wanted = hasWildcard(pattern) ? undefined : parseVersion(pattern)
    const matches = matcher(pattern)
    return (text: string): boolean => {
      const version = wanted && parseVersion(text)
      return matches(text) || (wanted && version ? compareVersions(wanted, version) === 0 : false)
    }
  })
  return (version) => tests.some((test) => test(version))
}

function range(
  minimumText: string | undefined,
  maximumText: string | undefined,
  names: string[],
): VersionKind {
  if (!names.some((name) => name.trim() !== ''))
    throw refused('Name is required when either MinimumVersion or MaximumVersion parameter is used')
  const minimum = minimumText === undefined ? undefined : numbers('MinimumVersion', minimumText)
  const maximum = maximumText === undefined ? undefined : numbers('MaximumVersion', maximumText)
  if (minimum && maximum && compareVersions(minimum, maximum) > 0)
    throw refused(
      `The specified MinimumVersion '${minimum.text}' is greater than the specified MaximumVersion '${maximum.text}'`,
    )
  return present({ kind: 'range', minimum, maximum })
}

function required(text: string): VersionKind {
  if (hasWildcard(text)) return { kind: 'wildcard', text, matches: matcher(text) }
  const version = parseVersion(text)
  if (!version && !isTag(text))
    throw new ContainerImageError(
      'INVALID_VERSION',
      `RequiredVersion ${show(text)} is neither a version nor a tag.`,
      {
        expected: 'two to four numbers with dots, an exact tag, or a wildcard pattern',
        found: show(text),
      },
    )
  return present({ kind: 'exact', text, version })
}

function numbers(parameter: string, text: string): Version {
  const version = parseVersion(text)
  if (version) return version
  throw new ContainerImageError('INVALID_VERSION', `${parameter} ${show(text)} is not a version.`, {
    expected: 'two to four numbers with dots, each up to 2147483647',
    found: show(text),
    remedy: `Write two to four numbers with dots, such as 10.0.14300.1010; a tag can only be a ${option('requiredVersion')}.`,
  })
}

function refused(message: string): ContainerImageError {
  return new ContainerImageError('VERSION_PARAMETERS', message)
}

const OF_FILES = 'This shell leaves wildcards as they are: give the folder, or each file by its name.'

function isOfFiles(pattern: string): boolean {
  return /^\.{0,2}[\\/]|\\|\.(tar|tgz|gz|xz|zst|oci|zip|7z|wim|esd|swm)$/i.test(pattern)
}

/**
 * Refuses wildcards in the names that save and install take, in OneGet's words: what is written to a carrier
 * or into the store is named exactly.
 * @throws WILDCARD_REFUSED
 */
export function refuseWildcards(names: string[]): void {
  for (const name of names)
    if (hasWildcard(name))
      throw new ContainerImageError(
        'WILDCARD_REFUSED',
        `The specified name '${printable(name)}' should not contain any wildcard characters, please correct it and try again.`,
        { expected: 'an exact name', found: show(name), remedy: isOfFiles(name) ? OF_FILES : undefined },
      )
}
