import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { compareSeverity, SEVERITIES, type Severity } from '../../inside/advisories/severity.js'
import { daysSince, OLD_DAYS, oldestDate } from '../../inside/database/ages.js'
import { checkDatabaseOnce } from '../../inside/database/check-database.js'
import { databasePlace } from '../../inside/database/database-place.js'
import type { Database } from '../../inside/database/open-database.js'
import { databaseThere } from '../../inside/database/write-database.js'
import { readIgnored } from '../../inside/ignored/read-ignored.js'
import type { OpenImage } from '../../inside/image/open-image.js'
import { inImage, treeOf } from '../../inside/look.js'
import { PACKAGE_READERS } from '../../inside/packages-of-image/package-readers.js'
import type { ImagePackages } from '../../inside/packages-of-image/packages-of-facts.js'
import { packagesOfTree } from '../../inside/packages-of-image/packages-of-tree.js'
import { endOfLife } from '../../inside/releases/end-of-life.js'
import { type IgnoredMatch, leaveOut } from '../../inside/vulnerabilities/leave-out.js'
import { ecosystemsOf, OF_SYSTEM } from '../../inside/vulnerabilities/lookups.js'
import { type Match, type Matches, matchPackages } from '../../inside/vulnerabilities/match.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { factsOf } from '../database/list.js'
import type {
  IgnoredVulnerability,
  ImageVulnerability,
  VulnerabilitiesRequest,
  VulnerabilitiesResult,
} from './request.js'

/**
 * The vulnerabilities of an image that the database of advisories knows of.
 * @throws VULNERABLE if one is at least as severe as `failOn`, DATABASE_MISSING, DATABASE_INVALID,
 * NOT_INSTALLED, INVALID_DOCUMENT for an invalid file of what to ignore, and what reading the image throws
 */
export async function vulnerabilities(request: VulnerabilitiesRequest): Promise<VulnerabilitiesResult> {
  return await inImage(request, async (image, context) => {
    const database = await openedDatabase(request)
    return await closing({ close: async () => database.close() }, async () => {
      const ignored = await readIgnored(request.ignore ?? [])
      const found = packagesOfTree(await treeOf(image, context, PACKAGE_READERS))
      const matches = matchPackages(database, found.packages, found.distribution, request.signal)
      const sorted = leaveOut(matches.matches, ignored, digestsOf(image), new Date())
      for (const { ids, file, until } of sorted.expired)
        context.note(`${file}: ${ids.join(', ')} was to be ignored until ${until}, and no longer is.`)
      const result = resultOf(image, found, database, matches, sorted.left, sorted.ignored, request)
      tellAge(context, result)
      checkKnown(request, found, result)
      failIfVulnerable(request, result)
      return result
    })
  })
}

/** The database that is asked, checked. @throws DATABASE_MISSING, DATABASE_INVALID */
export async function openedDatabase({
  database: given,
  signal,
}: Pick<VulnerabilitiesRequest, 'database' | 'signal'>): Promise<Database> {
  const file = databasePlace(given)
  const database = databaseThere(file)
  if (!database)
    throw new ContainerImageError('DATABASE_MISSING', `There is no database of advisories at ${file}.`, {
      expected: 'a database of advisories',
      found: 'nothing',
      details: { path: file },
    })
  try {
    await checkDatabaseOnce(file, database.header, signal)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function digestsOf({ root, manifest }: OpenImage): string[] {
  return [root.digest, ...('config' in manifest ? [manifest.config.digest] : [])]
}

function resultOf(
  image: OpenImage,
  { distribution }: ImagePackages,
  database: Database,
  matches: Matches,
  left: readonly Match[],
  ignored: readonly IgnoredMatch[],
  { severity = 'unknown', fixed = false }: VulnerabilitiesRequest,
): VulnerabilitiesResult {
  const now = new Date()
  const shown = left.filter(
    (one) => compareSeverity(one.severity, severity) >= 0 && (!fixed || one.fixedIn !== undefined),
  )
  const date = oldestDate(matches.sources)
  const ageDays = date === undefined ? undefined : daysSince(date, now)
  const end = distribution && endOfLife(distribution, now)
  return {
    image: image.label,
    digest: image.root.digest,
    ...(distribution ? { distribution } : {}),
    ...(end ? { endOfLife: end } : {}),
    database: {
      path: database.file,
      ...(date === undefined ? {} : { date }),
      ...(ageDays === undefined ? {} : { ageDays }),
      isOld: ageDays !== undefined && ageDays > OLD_DAYS,
      sources: matches.sources.map((one) => factsOf(one, now)),
    },
    packages: matches.packages,
    unknown: matches.unknown,
    counts: countsOf(shown),
    vulnerabilities: shown.map(asVulnerability),
    ignored: ignored.map(
      (one): IgnoredVulnerability => ({
        ...asVulnerability(one),
        ignoredBy: one.ignoredBy,
        reason: one.reason,
      }),
    ),
    hidden: left.length - shown.length,
  }
}

function countsOf(matches: readonly Match[]): Record<Severity, number> {
  const counts = Object.fromEntries(SEVERITIES.map((one) => [one, 0])) as Record<Severity, number>
  for (const { severity } of matches) counts[severity]++
  return counts
}

function asVulnerability(match: Match): ImageVulnerability {
  const { id, aliases, severity, score, fixedIn, summary, sources } = match
  const { name, kind, version, source, file, layer } = match.package
  return {
    id,
    aliases,
    severity,
    ...(score === undefined ? {} : { score }),
    package: name,
    kind,
    version,
    ...(source ? { source } : {}),
    ...(fixedIn === undefined ? {} : { fixedIn }),
    summary,
    file: `/${file}`,
    layer: layer + 1,
    sources,
  }
}

function tellAge(context: Context, { database: { date, ageDays, isOld } }: VulnerabilitiesResult): void {
  if (!isOld) return
  context.note(
    `The database of advisories is ${ageDays} days old, of ${date?.slice(0, 10)}: what was found since then is not in it.`,
  )
}

/** Knowing nothing about the distribution must not pass for an image without vulnerabilities. */
function checkKnown(
  { failOn }: VulnerabilitiesRequest,
  { packages, distribution }: ImagePackages,
  result: VulnerabilitiesResult,
): void {
  if (failOn === undefined) return
  const kinds = OF_SYSTEM.filter((kind) => packages.some((one) => one.kind === kind))
  const own = kinds.flatMap((kind) => (distribution ? ecosystemsOf(kind, distribution).slice(0, 1) : []))
  const unknown = result.unknown.find(({ ecosystem }) => own.includes(ecosystem))
  if (!unknown) return
  const error = new ContainerImageError(
    'DATABASE_MISSING',
    `The database of advisories has nothing of ${printable(unknown.ecosystem)}, of which ${result.image} has ${unknown.packages} packages.`,
    {
      expected: `advisories of ${unknown.ecosystem}`,
      found: result.database.sources.map(({ name }) => name).join(', ') || 'none',
    },
  )
  error.done = result
  throw error
}

function failIfVulnerable({ failOn, fixed }: VulnerabilitiesRequest, result: VulnerabilitiesResult): void {
  if (failOn === undefined) return
  const bad = result.vulnerabilities.filter((one) => compareSeverity(one.severity, failOn) >= 0)
  if (bad.length === 0) return
  const error = new ContainerImageError(
    'VULNERABLE',
    `${result.image} has ${bad.length} ${bad.length === 1 ? 'vulnerability' : 'vulnerabilities'} of severity ${failOn} or worse.`,
    {
      expected: `none of ${failOn} or worse${fixed ? ' that is repaired in some version' : ''}`,
      found: `${bad.length}`,
      remedy: `Take a newer build of the image, or name those that do no harm in a file for ${option('ignore')}.`,
    },
  )
  error.done = result
  throw error
}
