import type { Findings } from '../../../../manifests/index.js'
import { kindInWords, MemberReader } from '../../../../manifests/yaml-members.js'
import type { YamlValue } from '../../../../manifests/yaml-tree.js'
import type { ParsedPolicy, PolicyFile, Requirement, SignedIdentity, SignerRule } from './policy.js'
import { scopesOf } from './scopes.js'

/** The transports of containers-transports(5). */
const TRANSPORTS = [
  'atomic',
  'containers-storage',
  'dir',
  'docker',
  'docker-archive',
  'docker-daemon',
  'oci',
  'oci-archive',
  'ostree',
  'sif',
  'tarball',
]

type Scopes = Map<string, Requirement[]>

/**
 * Parses a policy in the form of podman, skopeo and CRI-O (containers-policy.json(5)). Images are judged by their
 * names, and so by what the policy says about the transport `docker`: all of the policy is checked, but the other
 * transports are never consulted.
 */
export function containersPolicy(value: YamlValue, findings: Findings): ParsedPolicy {
  const read = new MemberReader(value, ['default', 'transports'], '', findings)
  const otherwise = requirementsOf(read.value('default'), value.line, 'default', findings)
  const transports = membersOf(read.value('transports'), 'transports', findings)
  const byTransport = new Map<string, Scopes>()
  for (const { key, line, value: scopes } of transports) {
    if (!TRANSPORTS.includes(key))
      findings.add(`line ${line}, transports`, `one of ${TRANSPORTS.join(', ')}`, key)
    byTransport.set(key, scopesIn(scopes, `transports.${key}`, findings))
  }
  const docker = byTransport.get('docker')
  return {
    requirements: [...otherwise, ...[...(docker?.values() ?? [])].flat()],
    requirementsFor(reference) {
      const scopes = reference === undefined ? [''] : [...scopesOf(reference), '']
      const scope = scopes.find((one) => docker?.has(one))
      return (scope === undefined ? undefined : docker?.get(scope)) ?? otherwise
    },
  }
}

/** Whether a policy is in this form, and not in ours. */
export function isContainersPolicy(value: YamlValue): boolean {
  if (value.kind !== 'map') return false
  const byKey = new Map(value.members.map((member) => [member.key, member.value]))
  return byKey.has('transports') || byKey.get('default')?.kind === 'list'
}

function scopesIn(value: YamlValue, where: string, findings: Findings): Scopes {
  const members = membersOf(value, where, findings)
  return new Map(
    members.map(({ key, line, value: one }) => [
      key,
      requirementsOf(one, line, `${where}[${JSON.stringify(key)}]`, findings),
    ]),
  )
}

function membersOf(value: YamlValue | undefined, where: string, findings: Findings) {
  if (!value) return []
  if (value.kind === 'map') return value.members
  findings.note(`line ${value.line}, ${where}`, 'an object', kindInWords(value))
  return []
}

function requirementsOf(
  value: YamlValue | undefined,
  line: number,
  where: string,
  findings: Findings,
): Requirement[] {
  if (value?.kind !== 'list' || value.items.length === 0) {
    const found = value?.kind === 'list' ? 'an empty list' : value ? kindInWords(value) : 'nothing'
    findings.note(`line ${value?.line ?? line}, ${where}`, 'a list of one requirement or more', found)
    return []
  }
  return value.items.flatMap((item, at) => requirementOf(item, `${where}[${at}]`, findings) ?? [])
}

/** The members that each type of requirement has besides its type. */
const MEMBERS: Record<string, readonly string[]> = {
  insecureAcceptAnything: [],
  reject: [],
  signedBy: ['keyType', 'keyPath', 'keyPaths', 'keyData', 'signedIdentity'],
  sigstoreSigned: [
    'keyPath',
    'keyPaths',
    'keyData',
    'keyDatas',
    'fulcio',
    'pki',
    'rekorPublicKeyPath',
    'rekorPublicKeyPaths',
    'rekorPublicKeyData',
    'rekorPublicKeyDatas',
    'signedIdentity',
  ],
}

function requirementOf(item: YamlValue, where: string, findings: Findings): Requirement | undefined {
  const type = textOf(item, 'type')
  const members = type === undefined ? undefined : MEMBERS[type]
  if (!members || !Object.hasOwn(MEMBERS, type ?? '')) {
    findings.add(`line ${item.line}, ${where}.type`, Object.keys(MEMBERS).join(', '), type)
    return undefined
  }
  const read = new MemberReader(item, ['type', ...members], where, findings)
  switch (type) {
    case 'insecureAcceptAnything':
      return { type: 'accept' }
    case 'reject':
      return { type: 'reject' }
    case 'signedBy':
      return { type: 'unsupported', what: 'signedBy, a GPG signature' }
    default:
      return sigstoreSigned(read, item, where, findings)
  }
}

function textOf(item: YamlValue, key: string): string | undefined {
  if (item.kind !== 'map') return undefined
  const value = item.members.find((member) => member.key === key)?.value
  return value?.kind === 'text' ? value.text : undefined
}

const KEYS = ['keyPath', 'keyPaths', 'keyData', 'keyDatas', 'fulcio', 'pki'] as const

function sigstoreSigned(
  read: MemberReader,
  item: YamlValue,
  where: string,
  findings: Findings,
): Requirement | undefined {
  const wrong = (expected: string, found: string): undefined => {
    findings.note(`line ${item.line}, ${where}`, expected, found)
  }
  const there = KEYS.filter((key) => read.value(key) !== undefined)
  if (there.length !== 1) return wrong(`one of ${KEYS.join(', ')}`, there.join(' and ') || 'none')
  const signedIdentity = identityOf(read.value('signedIdentity'), `${where}.signedIdentity`, findings)
  const rekorKeys = filesOf(read, 'rekorPublicKey', where)
  if (there[0] === 'pki') return { type: 'unsupported', what: 'sigstoreSigned with pki' }
  const rule: SignerRule | undefined =
    there[0] === 'fulcio'
      ? fulcioOf(read.value('fulcio'), rekorKeys, `${where}.fulcio`, findings)
      : { kind: 'key', keys: filesOf(read, 'key', where), rekorKeys }
  if (there[0] === 'fulcio' && rekorKeys.length === 0)
    return wrong('rekorPublicKeyPath or rekorPublicKeyData beside fulcio', 'neither')
  return rule && { type: 'signed', signers: [rule], signedIdentity }
}

function fulcioOf(
  value: YamlValue | undefined,
  rekorKeys: PolicyFile[],
  where: string,
  findings: Findings,
): SignerRule | undefined {
  if (!value) return undefined
  const read = new MemberReader(value, ['caPath', 'caData', 'oidcIssuer', 'subjectEmail'], where, findings)
  const [authority] = filesOf(read, 'ca', where)
  const issuer = read.text('oidcIssuer')
  const email = read.text('subjectEmail')
  if (authority && issuer !== undefined && email !== undefined)
    return { kind: 'fulcio', authority, issuer, email, rekorKeys }
  findings.note(
    `line ${value.line}, ${where}`,
    'caPath or caData, oidcIssuer and subjectEmail',
    'not all of them',
  )
  return undefined
}

/** What is given as one path, as several, or as the contents themselves in base64. */
function filesOf(read: MemberReader, start: string, where: string): PolicyFile[] {
  const placed = (key: string): string => `line ${read.value(key)?.line ?? 0}, ${where}.${key}`
  const path = read.text(`${start}Path`)
  const data = read.text(`${start}Data`)
  return [
    ...(path === undefined ? [] : [{ where: placed(`${start}Path`), path }]),
    ...(read.texts(`${start}Paths`) ?? []).map((one) => ({ where: placed(`${start}Paths`), path: one })),
    ...(data === undefined ? [] : [{ where: placed(`${start}Data`), data: Buffer.from(data, 'base64') }]),
    ...(read.texts(`${start}Datas`) ?? []).map((one) => ({
      where: placed(`${start}Datas`),
      data: Buffer.from(one, 'base64'),
    })),
  ]
}

/** The members that each type of identity has besides its type. */
const IDENTITIES: Record<SignedIdentity['type'], readonly string[]> = {
  any: [],
  matchExact: [],
  matchRepoDigestOrExact: [],
  matchRepository: [],
  exactReference: ['dockerReference'],
  exactRepository: ['dockerRepository'],
  remapIdentity: ['prefix', 'signedPrefix'],
}
const IDENTITY_TYPES = Object.keys(IDENTITIES).filter((type) => type !== 'any')

function identityOf(value: YamlValue | undefined, where: string, findings: Findings): SignedIdentity {
  if (!value) return { type: 'matchRepoDigestOrExact' }
  const type = IDENTITY_TYPES.find((one) => one === textOf(value, 'type')) as SignedIdentity['type']
  if (!type) {
    findings.add(`line ${value.line}, ${where}.type`, IDENTITY_TYPES.join(', '), textOf(value, 'type'))
    return { type: 'matchExact' }
  }
  const read = new MemberReader(value, ['type', ...IDENTITIES[type]], where, findings)
  const [first = '', second = ''] = IDENTITIES[type].map((key) => {
    const text = read.text(key)
    if (text === undefined && !read.value(key))
      findings.note(`line ${value.line}, ${where}`, key, 'nothing of that name')
    return text ?? ''
  })
  switch (type) {
    case 'exactReference':
      return { type, reference: first }
    case 'exactRepository':
      return { type, repository: first }
    case 'remapIdentity':
      return { type, prefix: first, signedPrefix: second }
    default:
      return { type }
  }
}
