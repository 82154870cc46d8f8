import { ContainerImageError, show } from '../../../manifests/index.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import type { DatabaseSource } from './source-block.js'

/** Where publishers offer what they export: their own addresses, as they document them. */
const OSV = 'https://osv-vulnerabilities.storage.googleapis.com'
const DEBIAN = 'https://security-tracker.debian.org/tracker/data/json'
const ALPINE = 'https://secdb.alpinelinux.org'

/**
 * The URL of what is to be fetched: one that is given as such, or that of a publisher's: `osv:npm` is OSV's export of an
 * ecosystem, `debian` Debian's security tracker, `alpine:v3.19/main` a file of Alpine's security database.
 * @throws USAGE
 */
export function publishedAt(word: string): string {
  if (/^https?:\/\//i.test(word)) return word
  const [, ecosystem] = /^osv:([A-Za-z][A-Za-z0-9 ._-]*)$/.exec(word) ?? []
  if (ecosystem !== undefined) return `${OSV}/${percentEncoded(ecosystem)}/all.zip`
  if (word === 'debian') return DEBIAN
  const [, file] = /^alpine:((?:v\d+\.\d+|edge)\/(?:main|community))$/.exec(word) ?? []
  if (file !== undefined) return `${ALPINE}/${file}.json`
  throw new ContainerImageError('USAGE', `${show(word)} does not say what to fetch.`, {
    expected: 'a URL, osv:ECOSYSTEM, debian, or alpine:RELEASE/REPOSITORY',
    found: show(word),
  })
}

/** The word that fetches a newer version of a source; undefined for one that its owner made by hand. */
export function wordFor({ name, kind }: DatabaseSource): string | undefined {
  if (kind === 'debian-tracker') return 'debian'
  const [, release, repository] = /^Alpine secdb (v\d+\.\d+|edge) (main|community)$/.exec(name) ?? []
  if (release !== undefined) return `alpine:${release}/${repository}`
  const [, ecosystem] = /^OSV (?!record )(.+)$/.exec(name) ?? []
  return ecosystem === undefined ? undefined : `osv:${ecosystem}`
}
