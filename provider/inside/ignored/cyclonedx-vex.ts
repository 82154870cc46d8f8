import type { Findings } from '../../../manifests/index.js'
import { listed, member, word } from '../advisories/json-facts.js'
import { type Purl, purlOf } from './purl.js'
import type { Statement } from './statement.js'

/** Whether a JSON value looks like a CycloneDX document. */
export function isCycloneDx(value: unknown): boolean {
  return member(value, 'bomFormat') === 'CycloneDX'
}

/**
 * The states that mean that nothing needs to be done (CycloneDX 1.4 to 1.6,
 * vulnerabilities[].analysis.state).
 */
const HARMLESS = ['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree']

/** What a CycloneDX document leaves out, by what it says about each of its vulnerabilities. */
export function readCycloneDxVex(value: unknown, findings: Findings): Statement[] {
  const components = componentsOf(value)
  return listed(member(value, 'vulnerabilities')).flatMap((vulnerability, at): Statement[] => {
    const id = word(member(vulnerability, 'id'))
    const analysis = member(vulnerability, 'analysis')
    const state = word(member(analysis, 'state'))
    if (id === undefined) {
      findings.add(`vulnerabilities[${at}].id`, 'the id of a vulnerability', member(vulnerability, 'id'))
      return []
    }
    if (state === undefined || !HARMLESS.includes(state)) return []
    const references = listed(member(vulnerability, 'references')).flatMap(
      (one) => word(member(one, 'id')) ?? [],
    )
    const why = word(member(analysis, 'justification')) ?? word(member(analysis, 'detail'))
    const reason = why === undefined ? state : `${state}: ${why}`
    const affects = member(vulnerability, 'affects')
    const ids = [id, ...references]
    if (affects === undefined) return [{ ids, reason }]
    const found = listed(affects).flatMap((one) => named(word(member(one, 'ref')), components) ?? [])
    return found.map(({ isImage, digest, matches }) =>
      isImage
        ? { ids, reason, ...(digest === undefined ? {} : { digest }) }
        : { ids, reason, packages: [matches] },
    )
  })
}

/** Components by their references in this document. */
function componentsOf(value: unknown): Map<string, string> {
  const found = new Map<string, string>()
  const waiting = [member(member(value, 'metadata'), 'component'), ...listed(member(value, 'components'))]
  for (let at = 0; at < waiting.length; at++) {
    const ref = word(member(waiting[at], 'bom-ref'))
    const purl = member(waiting[at], 'purl')
    if (ref !== undefined && typeof purl === 'string') found.set(ref, purl)
    waiting.push(...listed(member(waiting[at], 'components')))
  }
  return found
}

/**
 * A reference is one within this document, a package URL, or one into another document (BOM-Link,
 * `urn:cdx:ID/1#REF`).
 */
function named(ref: string | undefined, components: ReadonlyMap<string, string>): Purl | undefined {
  if (ref === undefined) return undefined
  const [, linked] = /^urn:cdx:[^#]*#(.*)$/s.exec(ref) ?? []
  const own = linked === undefined ? ref : decoded(linked)
  return purlOf(components.get(own) ?? own)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
