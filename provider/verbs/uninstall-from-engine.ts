import { ContainerImageError, formatLocalName } from '../../manifests/index.js'
import { engineName } from '../engine/names.js'
import { parseFullName } from '../names/full-name.js'
import type { StoredImage, UninstallRequest, UninstallResult } from '../requests.js'
import { notInstalled } from '../store/images.js'
import { hasOneOf, rowsOf, withEngine } from './engine-images.js'
import { splitTag } from './split-tag.js'

/**
 * Removes images from an engine: every tag that they have in their repository; the store keeps what it has.
 * @throws NOT_INSTALLED, AMBIGUOUS_NAME, IN_USE where containers need one and it is not forced, ENGINE_UNREACHABLE
 */
export async function uninstallFromEngine(request: UninstallRequest): Promise<UninstallResult> {
  return await withEngine(request, async (engine) => {
    const { force, signal, whatIf } = request
    const rows = rowsOf(await engine.images(signal ? { signal } : {}))
    const chosen = chooseRows(rows, request)
    const gone = new Set<string>()
    if (!whatIf)
      for (const row of chosen) {
        const removal = await engine.remove(nameOf(row), {
          force: force ?? false,
          ...(signal ? { signal } : {}),
        })
        for (const id of removal.removed) gone.add(id)
      }
    const left = new Set(rows.filter((row) => !chosen.includes(row)).map((row) => row.id))
    const freed = new Map(chosen.filter((row) => !left.has(row.id)).map((row) => [row.id, row.size]))
    return { removed: summed(chosen), freedBytes: [...freed.values()].reduce((sum, size) => sum + size, 0) }
  })
}

function nameOf({ repository, tag, id }: StoredImage): string {
  return tag === '<none>' ? id : engineName({ repository, tag })
}

/** All tags in one repository of the images that are meant. */
function chooseRows(rows: StoredImage[], request: UninstallRequest): StoredImage[] {
  const { name = '', version } = namedBy(request)
  const tag = version ?? splitTag(name).tag
  const meant = rows.filter((row) => hasOneOf([name])(row) && (tag === undefined || row.tag === tag))
  const described = [name, version].filter(Boolean).join(' ')
  const shown = rows.map((row) => ({ name: row.name, refName: formatLocalName(row) }))
  if (meant.length === 0) throw notInstalled(described, shown)
  const ids = new Set(meant.map((row) => row.id))
  if (tag === undefined && !request.allVersions && ids.size > 1) throw severalVersions(described, meant)
  return rows.filter((row) => meant.some((one) => one.id === row.id && one.repository === row.repository))
}

function namedBy({ name, version, fullName }: UninstallRequest): { name?: string; version?: string } {
  if (fullName !== undefined) return parseFullName(fullName)
  if (name) return { name, ...(version === undefined ? {} : { version }) }
  throw new ContainerImageError('USAGE', 'Which image is to be uninstalled was not said.', {
    expected: 'a name, or --full-name',
    found: 'neither',
  })
}

function severalVersions(described: string, rows: StoredImage[]): ContainerImageError {
  const names = rows.map(formatLocalName)
  return new ContainerImageError('AMBIGUOUS_NAME', `${described} is there in several versions.`, {
    expected: 'one version',
    found: names.join(', '),
    remedy: 'Give one with --version, or all of them with --all-versions.',
    details: { names },
  })
}

function summed(rows: StoredImage[]): UninstallResult['removed'] {
  const byId = new Map<string, UninstallResult['removed'][number]>()
  for (const row of rows) {
    const tag = formatLocalName(row)
    const key = `${row.id} ${row.repository}`
    const known = byId.get(key)
    if (known) known.tags.push(tag)
    else
      byId.set(key, {
        name: row.name,
        version: row.version,
        fullName: row.fullName,
        digest: row.digest || row.id,
        tags: [tag],
      })
  }
  return [...byId.values()]
}
