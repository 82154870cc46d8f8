import { existsSync } from 'node:fs'
import { show } from '../../../manifests/index.js'
import { compareFiles, type FileDifference, type Side } from '../../inside/compare/compare-files.js'
import { compareLayers } from '../../inside/compare/compare-layers.js'
import { comparePackages } from '../../inside/compare/compare-packages.js'
import { compareSettings } from '../../inside/compare/compare-settings.js'
import {
  type ChangedVulnerability,
  compareVulnerabilities,
} from '../../inside/compare/compare-vulnerabilities.js'
import { oldestDate } from '../../inside/database/ages.js'
import { databasePlace } from '../../inside/database/database-place.js'
import { type OpenImage, openImage } from '../../inside/image/open-image.js'
import { treeOf } from '../../inside/look.js'
import { PACKAGE_READERS } from '../../inside/packages-of-image/package-readers.js'
import type { ImagePackages } from '../../inside/packages-of-image/packages-of-facts.js'
import { packagesOfTree } from '../../inside/packages-of-image/packages-of-tree.js'
import { type Matches, matchPackages, type Unknown } from '../../inside/vulnerabilities/match.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { withReadable } from '../../targets/readable.js'
import { insideFile } from '../files/files.js'
import { openedDatabase } from '../vulnerabilities/vulnerabilities.js'
import type { DifferentFile, DiffPart, DiffRequest, DiffResult } from './request.js'

const ALL: readonly DiffPart[] = ['config', 'layers', 'packages', 'vulnerabilities', 'files']
/** What is read from the layers. */
const INSIDE = ['packages', 'vulnerabilities', 'files'] as const
/** Of one image. */
const MOST_NOTES = 5

/**
 * How two images differ, wherever they are. Layers that both have are read once; nothing is read if both are
 * the same.
 * @throws as `openImage`, and what reading their layers throws
 */
export async function diff(request: DiffRequest): Promise<DiffResult> {
  const words = [request.first, request.second]
  return await withReadable(request, words, async ([first = '', second = ''], rest) => {
    return await inContext({ ...rest, names: [first, second] }, async (context) => {
      const { platform, source, secondPlatform = platform, secondSource = source } = rest
      const one = await openImage(context, { ...rest, name: first, platform, source })
      return await closing(one, async () => {
        const look = { ...rest, name: second, platform: secondPlatform, source: secondSource }
        const other = await openImage(context, look)
        return await closing(other, () => compared(context, one, other, rest))
      })
    })
  })
}

async function compared(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  request: DiffRequest,
): Promise<DiffResult> {
  const only = request.only ?? partsHere(request)
  const identical = first.root.digest === second.root.digest
  const sides = { first: sideOf(first), second: sideOf(second) }
  if (identical) return { ...sides, identical, same: true }
  const config = only.includes('config') ? compareSettings(first.config, second.config) : undefined
  const layers = only.includes('layers') ? compareLayers(first, second) : undefined
  const { packages, vulnerabilities, files } = await insideOf(context, first, second, { ...request, only })
  const otherLayers = layers ? layers.first.length + layers.second.length : 0
  const lists = [config, packages, vulnerabilities, files]
  const others = lists.reduce<number>((sum, list) => sum + (list?.length ?? 0), otherLayers)
  return {
    ...sides,
    ...{ identical, same: others === 0 },
    ...(config ? { config } : {}),
    ...(layers ? { layers } : {}),
    ...(packages ? { packages } : {}),
    ...(vulnerabilities ? { vulnerabilities } : {}),
    ...(files ? { files } : {}),
  }
}

/** If no parts were requested, there need not be a database. */
function partsHere({ database }: DiffRequest): readonly DiffPart[] {
  const isThere = database !== undefined || existsSync(databasePlace(database))
  return isThere ? ALL : ALL.filter((part) => part !== 'vulnerabilities')
}

function sideOf({ label, root }: OpenImage): DiffResult['first'] {
  return { image: label, digest: root.digest }
}

/** If the layers are the same, so is their content. */
async function insideOf(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  { only, times, database }: DiffRequest & { only: readonly DiffPart[] },
): Promise<Pick<DiffResult, 'packages' | 'vulnerabilities' | 'files'>> {
  const asked = INSIDE.filter((part) => only.includes(part))
  if (asked.length === 0) return {}
  const above = compareLayers(first, second)
  if (above.first.length + above.second.length === 0)
    return Object.fromEntries(asked.map((part) => [part, []]))
  const { signal, onProgress } = context.options
  const readers = asked.some((part) => part !== 'files') ? PACKAGE_READERS : []
  const a: Side = { image: first, tree: await treeOf(first, context, readers) }
  const b: Side = { image: second, tree: await treeOf(second, context, readers) }
  const found: Pick<DiffResult, 'packages' | 'vulnerabilities' | 'files'> = {}
  if (readers.length > 0) {
    const [before, after] = [packagesIn(context, a), packagesIn(context, b)]
    if (only.includes('packages')) found.packages = comparePackages(before.packages, after.packages)
    if (only.includes('vulnerabilities'))
      found.vulnerabilities = await vulnerabilitiesOf(
        context,
        { image: first, packages: before },
        { image: second, packages: after },
        database,
      )
  }
  if (only.includes('files'))
    found.files = (await compareFiles(a, b, { times, signal, onProgress })).map(differentFile)
  return found
}

/** The packages of one of the two images. */
interface PackagesOfSide {
  image: OpenImage
  packages: ImagePackages
}

async function vulnerabilitiesOf(
  context: Context,
  first: PackagesOfSide,
  second: PackagesOfSide,
  file: string | undefined,
): Promise<ChangedVulnerability[]> {
  const { signal } = context.options
  const database = await openedDatabase({ database: file, signal })
  return await closing({ close: async () => database.close() }, async () => {
    const matched = ({ image, packages: { packages, distribution } }: PackagesOfSide): Matches => {
      const matches = matchPackages(database, packages, distribution, signal)
      if (matches.unknown.length > 0) context.note(unknownNote(image, matches.unknown))
      return matches
    }
    const [before, after] = [matched(first), matched(second)]
    const date = oldestDate([...before.sources, ...after.sources])
    if (date !== undefined) context.note(`Vulnerabilities are those of a database of ${date.slice(0, 10)}.`)
    return compareVulnerabilities(before.matches, after.matches)
  })
}

/**
 * Packages unknown to the database would look as if their vulnerabilities were gone, or had never been there.
 */
function unknownNote({ label }: OpenImage, unknown: readonly Unknown[]): string {
  const what = unknown.map(({ ecosystem, packages }) => `${packages} of ${show(ecosystem)}`).join(', ')
  return `${label}: the database says nothing of some packages (${what}); their vulnerabilities are not compared.`
}

/** With a note of each file that could not be read, as packages may be missing then. */
function packagesIn(context: Context, { image, tree }: Side): ImagePackages {
  const found = packagesOfTree(tree)
  const { notes } = found
  for (const { file, message } of notes.slice(0, MOST_NOTES))
    context.note(`${show(file)} in ${image.label}: ${message}`)
  if (notes.length > MOST_NOTES)
    context.note(`${notes.length - MOST_NOTES} more files of ${image.label} could not be read.`)
  return found
}

function differentFile({ path, first, second, what }: FileDifference): DifferentFile {
  return {
    path: `/${path}`,
    change: first && second ? 'changed' : first ? 'removed' : 'added',
    what,
    ...(first ? { first: insideFile(first) } : {}),
    ...(second ? { second: insideFile(second) } : {}),
  }
}
