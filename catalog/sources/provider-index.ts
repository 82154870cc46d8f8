import { anyCase, type Findings, printable } from '../../manifests/index.js'
import type { Entry } from '../entry.js'
import { parseVersion } from '../version.js'
import { filePlace, type IndexPlace } from './file-place.js'
import { imagesOf, isName, MOST_PROBLEMS } from './index-document.js'

/**
 * The entries of the original provider's index: a list of `{Name, Version, Description, SasToken}`, where
 * SasToken is the whole URL, or a path or share. It has no size and no hash; all images were of Windows.
 * What may not be fetched is left out with a note, so that old indexes with http links stay usable. A
 * SasToken gives access: neither notes nor findings show it.
 */
export function readProviderIndex(
  list: unknown[],
  place: IndexPlace,
  source: string,
  findings: Findings,
): { entries: Entry[]; notes: string[] } {
  const entries: Entry[] = []
  const notes: string[] = []
  for (const [i, value] of imagesOf(list, '(whole)', findings).entries()) {
    if (findings.problems.length > MOST_PROBLEMS) break
    const fields = readFields(value, `[${i}]`, findings)
    if (!fields) continue
    const found = filePlace(fields.link, place, { anyPath: true })
    const label = `${printable(fields.name)} ${fields.version}`
    if ('refused' in found) notes.push(`Source ${printable(source)}: ${label} is left out: ${found.refused}.`)
    else
      entries.push({
        name: fields.name,
        version: fields.version,
        platform: { os: 'windows', architecture: 'amd64' },
        summary: fields.summary,
        source,
        location: found.location,
      })
  }
  if (entries.length > 0)
    notes.push(
      `Source ${printable(source)}: its index has no SHA-256, so what is fetched cannot be compared with it.`,
    )
  return { entries, notes }
}

interface Fields {
  name: string
  version: string
  summary: string
  link: string
}

/** PowerShell ignores the case of the keys. */
function readFields(value: unknown, where: string, findings: Findings): Fields | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add(where, 'an object', value)
    return undefined
  }
  const before = findings.problems.length
  const image = value as Record<string, unknown>
  const name = anyCase(image, 'Name')
  const version = anyCase(image, 'Version')
  const summary = anyCase(image, 'Description') ?? ''
  const link = anyCase(image, 'SasToken')
  if (typeof name !== 'string' || !isName(name)) findings.add(`${where}.Name`, 'a name', name)
  if (typeof version !== 'string' || !parseVersion(version))
    findings.add(`${where}.Version`, 'a version', version)
  if (typeof summary !== 'string') findings.add(`${where}.Description`, 'a text', typeof summary)
  if (typeof link !== 'string') findings.add(`${where}.SasToken`, 'a URL or a path', typeof link)
  if (findings.problems.length > before) return undefined
  return { name: String(name), version: String(version), summary: String(summary), link: String(link) }
}
