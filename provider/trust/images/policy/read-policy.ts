import { X509Certificate } from 'node:crypto'
import path from 'node:path'
import { ContainerImageError, Findings, LIMITS } from '../../../../manifests/index.js'
import { parseYaml, type YamlValue } from '../../../../manifests/yaml-tree.js'
import { readDocument } from '../../../io/files/read-document.js'
import { readUserFile } from '../../../io/files/read-user-file.js'
import { parsePublicKey, type TrustedKey } from '../signers/public-key.js'
import type { Signer } from '../signers/signer.js'
import { textFits } from '../signers/text-fits.js'
import { containersPolicy, isContainersPolicy } from './containers-policy.js'
import { plainPolicy } from './plain-policy.js'
import type { PolicyFile, Requirement, SignedRequirement, SignerRule } from './policy.js'

/** What a site demands of images before it accepts them, with all keys, certificates and trusted roots. */
export interface ReadPolicy {
  /** For messages: the path of the file. */
  label: string
  /** As in `ParsedPolicy`. */
  requirementsFor(reference?: string): Requirement[]
  /** Whom a requirement trusts; any one of them is enough. */
  signersOf(requirement: SignedRequirement): readonly Signer[]
}

/**
 * Reads a policy, in the shape of containers-policy.json(5) or in our own, and every file that it names. Paths in it are
 * relative to its folder.
 * @throws POLICY_INVALID with every problem and its line; PATH_NOT_FOUND, DOCUMENT_TOO_LARGE
 */
export async function readPolicy(file: string): Promise<ReadPolicy> {
  const place = path.resolve(file)
  const findings = new Findings(`policy ${path.basename(place)}`)
  const text = (await readUserFile(place, LIMITS.setBytes)).toString('utf8')
  const value = await parseYaml(text, findings)
  findings.throwIfAny('POLICY_INVALID')
  if (!value || (value.kind === 'text' && value.text === ''))
    findings.note('(whole)', 'default, and rules for images', 'nothing')
  findings.throwIfAny('POLICY_INVALID')
  const parse = value && isContainersPolicy(value) ? containersPolicy : plainPolicy
  const { requirements, requirementsFor } = parse(value as YamlValue, findings)
  const loader = new SignerLoader(path.dirname(place), findings)
  for (const one of requirements) if (one.type === 'signed') await loader.load(one)
  findings.throwIfAny('POLICY_INVALID')
  return {
    label: file,
    requirementsFor,
    signersOf: ({ signers }) => signers.flatMap((rule) => loader.loaded.get(rule) ?? []),
  }
}

/** Reads each file once, however often it is named. */
class SignerLoader {
  readonly loaded = new Map<SignerRule, Signer>()
  private readonly contents = new Map<string, Promise<Buffer>>()

  constructor(
    private readonly folder: string,
    private readonly findings: Findings,
  ) {}

  async load({ signers }: SignedRequirement): Promise<void> {
    for (const rule of signers) {
      if (this.loaded.has(rule)) continue
      const signer = await this.signerOf(rule)
      if (signer) this.loaded.set(rule, signer)
    }
  }

  private async signerOf(rule: SignerRule): Promise<Signer | undefined> {
    switch (rule.kind) {
      case 'key': {
        const keys = await this.keys(rule.keys)
        const logs = await this.logsOf(rule)
        return { kind: 'key', keys, ...(logs ? { logs } : {}) }
      }
      case 'identity': {
        const trust = await this.trustedRoot(rule.trustedRoot)
        const { identity, issuer } = rule
        return (
          trust && {
            kind: 'identity',
            trust,
            certificateLogs: 1,
            identity,
            fits: (name) => textFits(identity, name),
            issuer,
          }
        )
      }
      case 'fulcio': {
        const rekorKeys = await this.keys(rule.rekorKeys)
        const { authorityAndLogs } = await import('../sigstore/trust-material.js')
        const trust = await this.parsed(rule.authority, 'a certificate in PEM', (bytes) =>
          authorityAndLogs(
            bytes.toString('latin1'),
            rekorKeys.map(({ key }) => key),
          ),
        )
        const { email: identity, issuer } = rule
        return (
          trust && {
            kind: 'identity',
            trust,
            certificateLogs: 0,
            identity,
            fits: (name) => name === identity,
            issuer,
          }
        )
      }
      case 'certificate': {
        const authorities: X509Certificate[] = []
        for (const file of rule.authorities)
          authorities.push(...((await this.parsed(file, 'certificates in PEM', certificatesIn)) ?? []))
        return { kind: 'certificate', authorities, subjects: rule.subjects }
      }
    }
  }

  private async logsOf({ rekorKeys, trustedRoot }: Extract<SignerRule, { kind: 'key' }>) {
    if (trustedRoot) return await this.trustedRoot(trustedRoot)
    if (rekorKeys.length === 0) return undefined
    const keys = await this.keys(rekorKeys)
    const { logsOnly } = await import('../sigstore/trust-material.js')
    return logsOnly(keys.map(({ key }) => key))
  }

  private async trustedRoot(file: PolicyFile) {
    const { trustedRootOf } = await import('../sigstore/trust-material.js')
    return await this.parsed(file, 'a trusted_root.json of sigstore', trustedRootOf)
  }

  private async keys(files: readonly PolicyFile[]): Promise<TrustedKey[]> {
    const keys: TrustedKey[] = []
    for (const file of files) {
      const key = await this.parsed(file, 'a public key in PEM: ECDSA, Ed25519, or RSA', parsePublicKey)
      if (key) keys.push(key)
    }
    return keys
  }

  /** A fault in a file is one of the problems of the policy. */
  private async parsed<T>(
    file: PolicyFile,
    expected: string,
    parse: (bytes: Buffer) => T,
  ): Promise<T | undefined> {
    try {
      return parse(await this.bytesOf(file))
    } catch (error) {
      if (error instanceof ContainerImageError && error.code === 'INTERRUPTED') throw error
      const found = (error as Error).message.replace(/\.$/, '')
      this.findings.note(file.where, expected, file.path === undefined ? found : `${file.path}: ${found}`)
      return undefined
    }
  }

  private async bytesOf({ path: file, data = Buffer.alloc(0) }: PolicyFile): Promise<Buffer> {
    if (file === undefined) return data
    const place = path.resolve(this.folder, file)
    const reading = this.contents.get(place) ?? readDocument(place, LIMITS.userFileBytes)
    this.contents.set(place, reading)
    return await reading
  }
}

function certificatesIn(bytes: Buffer): X509Certificate[] {
  const found = bytes.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (!found) throw new Error('no certificate')
  return found.map((pem) => new X509Certificate(pem))
}
