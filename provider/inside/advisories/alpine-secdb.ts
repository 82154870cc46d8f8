import type { Findings } from '../../../manifests/index.js'
import { isObject } from '../../../manifests/json-kinds.js'
import type { ReadAdvisory } from './advisory.js'
import { listed, member, word, words } from './json-facts.js'

/**
 * Whether a JSON value looks like a file of Alpine's security database (secdb.alpinelinux.org,
 * `v3.19/main.json`).
 */
export function isAlpineSecdb(value: unknown): boolean {
  const [first] = listed(member(value, 'packages'))
  return (
    isObject(value) &&
    'packages' in value &&
    (member(member(first, 'pkg'), 'secfixes') !== undefined || 'reponame' in value)
  )
}

/** Every vulnerability, with the version of each source package (origin) that fixes it. */
export function readAlpineSecdb(value: object, findings: Findings): ReadAdvisory[] {
  const release = word(member(value, 'distroversion'))
  const family = familyIn(value)
  const ecosystem = release === undefined ? family : `${family}:${release}`
  const advisories = new Map<string, ReadAdvisory>()
  for (const [at, entry] of listed(member(value, 'packages')).entries()) {
    const name = word(member(member(entry, 'pkg'), 'name'))
    const fixes = member(member(entry, 'pkg'), 'secfixes')
    if (name === undefined || !isObject(fixes)) {
      findings.add(`packages[${at}].pkg`, 'a name, and its repairs by version', member(entry, 'pkg'))
      continue
    }
    for (const [version, ids] of Object.entries(fixes)) {
      // Version 0 means that the package never had it.
      if (version === '0' || word(version) === undefined) continue
      for (const [id = '', ...aliases] of words(ids).map((one) => one.trim().split(/\s+/))) {
        if (id === '') continue
        const advisory = advisories.get(id) ?? newAdvisory(id)
        advisory.aliases = [...new Set([...advisory.aliases, ...aliases])].slice(0, 50)
        advisory.affected.push({
          ecosystem,
          name,
          ranges: [{ end: { kind: 'fixed', version } }],
          versions: [],
        })
        advisories.set(id, advisory)
      }
    }
  }
  return [...advisories.values()]
}

/** Wolfi and Chainguard publish the same format, without releases. */
function familyIn(value: object): string {
  const prefix = word(member(value, 'urlprefix')) ?? ''
  if (prefix.includes('wolfi')) return 'Wolfi'
  return prefix.includes('cgr.dev') || prefix.includes('chainguard') ? 'Chainguard' : 'Alpine'
}

function newAdvisory(id: string): ReadAdvisory {
  return { id, aliases: [], summary: '', severity: 'unknown', modified: '', isWithdrawn: false, affected: [] }
}
