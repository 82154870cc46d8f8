import {
  ContainerImageError,
  command,
  type Digest,
  engineName,
  formatLocalName,
  isDigest,
  option,
  show,
} from '../../../manifests/index.js'
import type { Engine } from '../../engine/port/engine.js'
import { freedByEach } from '../../engine/port/freed.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { parseFullName } from '../../names/full-name.js'
import { splitTag } from '../../names/split-tag.js'
import { notInstalled } from '../../store/not-installed.js'
import { rowsOf, withEngine } from '../get/engine-images.js'
import type { StoredImage } from '../get/request.js'
import { askedOneByOne } from './asked-one-by-one.js'
import type { UninstallRequest, UninstallResult } from './request.js'

/**
 * Removes images from an engine: every tag that they have in their repository; the store keeps what it has.
 * @throws NOT_INSTALLED, AMBIGUOUS_NAME, IN_USE if containers need one, unless forced, ENGINE_UNREACHABLE
 */
export async function uninstallFromEngine(request: UninstallRequest): Promise<UninstallResult> {
  return await withEngine(request, async (engine) => {
    const { force, signal, whatIf } = request
    const images = await engine.images({ signal })
    const rows = rowsOf(images)
    const asked = askedOneByOne(request).flatMap((one) => chooseRows(engine, rows, one))
    const chosen = [...new Set(asked)]
    const left = new Set(rows.filter((row) => !chosen.includes(row)).map((row) => row.id))
    const going = new Set(chosen.flatMap(({ id }) => (left.has(id) || !isDigest(id) ? [] : [id])))
    const freed = await freedByEach(engine, images, going, signal)
    const gone = whatIf ? going : await removeAll(engine, chosen, { force: force ?? false, signal })
    const freedBytes = [...gone].reduce((sum, id) => sum + (freed.get(id) ?? 0), 0)
    return { removed: summed(chosen, rows), freedBytes }
  })
}

/** @returns the ids of images that are gone completely */
async function removeAll(
  engine: Engine,
  rows: StoredImage[],
  how: { force: boolean; signal?: AbortSignal },
): Promise<Set<Digest>> {
  const gone = new Set<Digest>()
  for (const row of rows) for (const id of (await engine.remove(nameOf(row), how)).removed) gone.add(id)
  return gone
}

function nameOf({ repository, tag, id }: StoredImage): string {
  return tag === '<none>' ? id : engineName({ repository, tag })
}

/** One name if a tag was given; otherwise all names in one repository of the images that are meant. */
function chooseRows(engine: Engine, rows: StoredImage[], request: UninstallRequest): StoredImage[] {
  const { fullName, allVersions } = request
  const { name = '', version } = namedBy(request)
  const isByTag = fullName === undefined && version === undefined && splitTag(name).tag !== undefined
  const named =
    fullName === undefined ? imagesOfOne(name, rows) : rows.filter((row) => isCalled(row, fullName))
  const meant = named.filter((row) => version === undefined || row.tag === version)
  const asked = [name, version].filter(Boolean).join(' ')
  if (meant.length === 0) throw notInEngine(engine, asked, rows.map(formatLocalName))
  if (isByTag) return meant
  const ids = new Set(meant.map((row) => row.id))
  if (version === undefined && !allVersions && ids.size > 1) throw severalVersions(asked, meant)
  return rows.filter((row) => meant.some((one) => one.id === row.id && one.repository === row.repository))
}

function notInEngine({ kind, label }: Engine, asked: string, names: string[]): ContainerImageError {
  const { expected, found, remedy } = notInstalled(asked, names)
  const isSuggestion = remedy?.startsWith('Did you mean')
  const look = `Look at what is there with ${command('get', option('engine'), kind)}.`
  return new ContainerImageError('NOT_INSTALLED', `${label} has no image ${show(asked)}.`, {
    expected,
    found,
    remedy: isSuggestion ? remedy : look,
  })
}

/** An engine keeps no publisher: an image whose name has no path is identified by its name and version. */
function isCalled({ fullName, repository, tag }: StoredImage, wanted: string): boolean {
  const { name, version } = parseFullName(wanted)
  const isIts = !repository.includes('/') && repository === name.toLowerCase() && tag === version
  return isIts || fullName.toLowerCase() === wanted.toLowerCase()
}

function namedBy({ name, version, fullName }: UninstallRequest): { name?: string; version?: string } {
  if (fullName !== undefined) return parseFullName(fullName)
  if (name) return { name, version }
  throw new ContainerImageError('USAGE', 'No image to uninstall was named.', {
    expected: `a name, or ${option('fullName')}`,
    found: 'neither',
  })
}

function severalVersions(described: string, rows: StoredImage[]): ContainerImageError {
  const names = rows.map(formatLocalName)
  return new ContainerImageError('AMBIGUOUS_NAME', `${described} exists in several versions.`, {
    expected: 'one version',
    found: names.join(', '),
    remedy: `Give one with ${option('version')}, or all of them with ${option('allVersions')}.`,
    details: { names },
  })
}

/** @param all names in the engine, some of which may keep an image that loses others */
function summed(rows: StoredImage[], all: StoredImage[]): UninstallResult['removed'] {
  const byId = new Map<string, UninstallResult['removed'][number]>()
  for (const row of rows) {
    const tag = formatLocalName(row)
    const key = `${row.id} ${row.repository}`
    const known = byId.get(key)
    if (known) known.tags.push(tag)
    else {
      const staying = all.filter((other) => other.id === row.id && !rows.includes(other))
      const remaining = staying.filter((other) => other.tag !== '<none>').map(formatLocalName)
      byId.set(key, {
        name: row.name,
        version: row.version,
        fullName: row.fullName,
        digest: row.digest || row.id,
        tags: [tag],
        remaining: remaining.length > 0 ? remaining : undefined,
      })
    }
  }
  return [...byId.values()]
}
