import { hasWildcard, matcher } from '../../../../catalog/wildcard.js'
import {
  engineRepository,
  type Findings,
  familiarRepository,
  isLocalRepository,
} from '../../../../manifests/index.js'
import { kindInWords, MemberReader } from '../../../../manifests/yaml-members.js'
import type { YamlValue } from '../../../../manifests/yaml-tree.js'
import type { ParsedPolicy, PolicyFile, Requirement, SignedIdentity, SignerRule } from './policy.js'
import { repositoryOf } from './scopes.js'

/** What is demanded of the images in some repositories. */
interface PlainRule {
  isFor(repository: string): boolean
  requirements: Requirement[]
}

/** Parses a policy in our own form. The first rule that names an image's repository applies to it. */
export function plainPolicy(value: YamlValue, findings: Findings): ParsedPolicy {
  const read = new MemberReader(value, ['default', 'trustedRoot', 'images'], '', findings)
  const verdict = read.parsed('default', 'accept or reject', verdictOf)
  if (!read.value('default')) findings.note(`line ${value.line}`, 'default: accept, or reject', 'no default')
  const trustedRoot = fileOf(read, 'trustedRoot', '')
  const images = read.value('images')
  if (images && images.kind !== 'list')
    findings.note(`line ${images.line}, images`, 'a list', kindInWords(images))
  const items = images?.kind === 'list' ? images.items : []
  const rules = items.map((item, at) => ruleOf(item, `images[${at}]`, trustedRoot, findings))
  return {
    requirements: rules.flatMap(({ requirements }) => requirements),
    requirementsFor(reference) {
      const repository = reference === undefined ? undefined : repositoryOf(reference)
      const rule = rules.find(({ isFor }) => repository !== undefined && isFor(repository))
      return rule?.requirements ?? [{ type: verdict ?? 'reject' }]
    },
  }
}

function verdictOf(text: string): 'accept' | 'reject' | undefined {
  return text === 'accept' || text === 'reject' ? text : undefined
}

function ruleOf(
  item: YamlValue,
  where: string,
  trustedRoot: PolicyFile | undefined,
  findings: Findings,
): PlainRule {
  const read = new MemberReader(
    item,
    ['name', 'is', 'signedBy', 'signedName', 'attestations'],
    where,
    findings,
  )
  const names = read.texts('name') ?? []
  if (!read.value('name')) findings.note(`line ${item.line}, ${where}`, 'the name of a repository', 'none')
  const tests = names.map((name) =>
    nameTest(name, `line ${read.value('name')?.line}, ${where}.name`, findings),
  )
  const isFor = (repository: string): boolean => tests.some((test) => test(repository))
  const verdict = read.parsed('is', 'accepted or rejected', (text) =>
    text === 'accepted' ? 'accept' : text === 'rejected' ? 'reject' : undefined,
  )
  const given = read.value('signedBy')
  if ((read.value('is') === undefined) === (given === undefined))
    findings.note(`line ${item.line}, ${where}`, 'signedBy, or is', given ? 'both' : 'neither')
  if (verdict) return { isFor, requirements: [{ type: verdict }] }
  const signers = (given?.kind === 'list' ? given.items : given ? [given] : []).flatMap(
    (one, at) => signerOf(one, `${where}.signedBy[${at}]`, trustedRoot, findings) ?? [],
  )
  if (given?.kind === 'list' && given.items.length === 0)
    findings.note(`line ${given.line}, ${where}.signedBy`, 'one signer or more', 'none')
  const signedIdentity = read.parsed('signedName', 'any, repository or exact', signedNameOf) ?? {
    type: 'any',
  }
  const wanted = read.texts('attestations') ?? [SIGNATURE]
  return {
    isFor,
    requirements: wanted.map((predicateType): Requirement => {
      if (predicateType === SIGNATURE) return { type: 'signed', signers, signedIdentity }
      // An attestation names its image only by digest.
      return { type: 'signed', signers, signedIdentity: { type: 'any' }, predicateType }
    }),
  }
}

/** In a list of attestation types: a plain signature is wanted as well. */
const SIGNATURE = 'signature'

function signedNameOf(text: string): SignedIdentity | undefined {
  if (text === 'any') return { type: 'any' }
  if (text === 'repository') return { type: 'matchRepository' }
  return text === 'exact' ? { type: 'matchRepoDigestOrExact' } : undefined
}

/** A pattern is compared with the name in full, and with the name as docker shows it. */
function nameTest(name: string, where: string, findings: Findings): (repository: string) => boolean {
  if (!hasWildcard(name)) {
    if (!isLocalRepository(name)) findings.add(where, 'a repository, without a tag', name)
    const full = engineRepository(name)
    return (repository) => repository === full
  }
  try {
    const fits = matcher(name)
    return (repository) => fits(repository) || fits(familiarRepository(repository))
  } catch (error) {
    findings.note(where, 'a name or a pattern', (error as Error).message)
    return () => false
  }
}

const SIGNER = ['key', 'identity', 'issuer', 'trustedRoot', 'certificate', 'subject']

function signerOf(
  item: YamlValue,
  where: string,
  trustedRoot: PolicyFile | undefined,
  findings: Findings,
): SignerRule | undefined {
  const read = new MemberReader(item, SIGNER, where, findings)
  const wrong = (expected: string, found: string): undefined => {
    findings.note(`line ${item.line}, ${where}`, expected, found)
  }
  const kinds = ['key', 'identity', 'certificate'].filter((kind) => read.value(kind))
  if (kinds.length !== 1) return wrong('one of key, identity, certificate', kinds.join(' and ') || 'none')
  if (kinds[0] !== 'certificate' && read.value('subject'))
    return wrong('subject beside certificate', 'subject')
  if (kinds[0] !== 'identity' && read.value('issuer')) return wrong('issuer beside identity', 'issuer')
  const root = fileOf(read, 'trustedRoot', where)
  if (kinds[0] === 'key')
    return { kind: 'key', keys: filesOf(read, 'key', where), rekorKeys: [], trustedRoot: root }
  if (kinds[0] === 'certificate')
    return {
      kind: 'certificate',
      authorities: filesOf(read, 'certificate', where),
      subjects: subjectsOf(read.value('subject')),
    }
  const identity = read.text('identity')
  const issuer = read.text('issuer')
  const trusted = root ?? trustedRoot
  if (issuer === undefined && !read.value('issuer')) return wrong('issuer beside identity', 'none')
  if (!trusted) return wrong('trustedRoot, here or for the whole policy', 'none')
  return identity === undefined || issuer === undefined
    ? undefined
    : { kind: 'identity', identity, issuer, trustedRoot: trusted }
}

/** A distinguished name contains commas itself. */
function subjectsOf(value: YamlValue | undefined): string[] {
  const items = value?.kind === 'list' ? value.items : value ? [value] : []
  return items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))
}

function filesOf(read: MemberReader, key: string, where: string): PolicyFile[] {
  return (read.texts(key) ?? []).map((path) => ({ where: placed(read, key, where), path }))
}

function fileOf(read: MemberReader, key: string, where: string): PolicyFile | undefined {
  const path = read.text(key)
  return path === undefined ? undefined : { where: placed(read, key, where), path }
}

function placed(read: MemberReader, key: string, where: string): string {
  return [`line ${read.value(key)?.line ?? 0}`, [where, key].filter((part) => part !== '').join('.')].join(
    ', ',
  )
}
