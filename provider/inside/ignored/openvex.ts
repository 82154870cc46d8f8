import type { Findings } from '../../../manifests/index.js'
import { listed, member, word, words } from '../advisories/json-facts.js'
import { purlOf } from './purl.js'
import type { Statement } from './statement.js'

/** Whether a JSON value looks like an OpenVEX document. */
export function isOpenVex(value: unknown): boolean {
  const context = member(value, '@context')
  return typeof context === 'string' && context.startsWith('https://openvex.dev/ns')
}

/**
 * What an OpenVEX document leaves out (OpenVEX specification 0.2.0): the statements that say `not_affected` or `fixed`.
 * If several are about the same thing, the last one in the document counts, as they are in the order of their
 * times.
 */
export function readOpenVex(value: unknown, findings: Findings): Statement[] {
  const statements: Statement[] = []
  for (const [at, statement] of listed(member(value, 'statements')).entries()) {
    const where = `statements[${at}]`
    const ids = idsOf(member(statement, 'vulnerability'))
    const status = word(member(statement, 'status'))
    if (ids.length === 0 || status === undefined) {
      findings.add(where, 'a vulnerability and a status', statement)
      continue
    }
    if (status !== 'not_affected' && status !== 'fixed') continue
    const why = word(member(statement, 'justification')) ?? word(member(statement, 'impact_statement'))
    const reason = why === undefined ? status : `${status}: ${why}`
    const products = member(statement, 'products')
    if (products === undefined) statements.push({ ids, reason })
    else for (const product of listed(products)) statements.push(...ofProduct(product, ids, reason))
  }
  return statements
}

/** Version 0.0 of the specification has a text, later ones an object with a name and aliases. */
function idsOf(vulnerability: unknown): string[] {
  const plain = word(vulnerability)
  if (plain !== undefined) return [plain]
  const name = word(member(vulnerability, 'name'))
  return [...(name === undefined ? [] : [name]), ...words(member(vulnerability, 'aliases'))]
}

/**
 * A product is a package itself, or an image with packages in it. Anything named in another way is never
 * guessed.
 */
function ofProduct(product: unknown, ids: string[], reason: string): Statement[] {
  const purls = purlsOf(product)
  const inside = listed(member(product, 'subcomponents')).flatMap((one) => purlsOf(one))
  return purls.flatMap((purl): Statement[] => {
    if (!purl.isImage) return [{ ids, reason, packages: [purl.matches] }]
    const digest = purl.digest === undefined ? {} : { digest: purl.digest }
    const hasInside = member(product, 'subcomponents') !== undefined
    return [{ ids, reason, ...digest, ...(hasInside ? { packages: inside.map((one) => one.matches) } : {}) }]
  })
}

function purlsOf(component: unknown) {
  const texts = [
    word(component),
    word(member(component, '@id')),
    word(member(member(component, 'identifiers'), 'purl')),
  ]
  return texts.flatMap((text) => (text === undefined ? [] : (purlOf(text) ?? [])))
}
