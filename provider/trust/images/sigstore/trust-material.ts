import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { X509Certificate } from '@sigstore/core'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify'
import { Findings, parseJson } from '../../../../manifests/index.js'
import { isObject } from '../../../../manifests/json-kinds.js'
import { forgeableFault } from '../signers/public-key.js'
import { rememberAuthority } from './remembered-certificate.js'

const ALWAYS = { start: new Date(0), end: new Date(8_640_000_000_000_000) }

/**
 * The authorities and logs of a `trusted_root.json`, as made by `cosign trusted-root create` and as in sigstore's
 * repository.
 * @throws INVALID_DOCUMENT
 */
export function trustedRootOf(bytes: Uint8Array): TrustMaterial {
  const findings = new Findings('trusted root')
  const json = parseJson(bytes, findings)
  findings.throwIfAny()
  const type = isObject(json) ? json.mediaType : undefined
  if (typeof type !== 'string' || !/^application\/vnd\.dev\.sigstore\.trustedroot/.test(type))
    findings.add('mediaType', 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', type)
  findings.throwIfAny()
  const root = TrustedRoot.fromJSON(json)
  for (const [at, { publicKey }] of root.tlogs.entries())
    if (!publicKey?.validFor?.start)
      findings.note(`tlogs[${at}].publicKey.validFor.start`, 'the time from which the key is valid', 'none')
  findings.throwIfAny()
  const trust = toTrustMaterial(root, noKey)
  for (const kind of ['tlogs', 'ctlogs'] as const)
    for (const [at, { publicKey }] of trust[kind].entries()) {
      const fault = forgeableFault(publicKey)
      if (fault) findings.note(`${kind}[${at}].publicKey`, 'a key that only its owner can sign with', fault)
    }
  for (const kind of ['certificateAuthorities', 'timestampAuthorities'] as const)
    for (const [at, { certChain }] of trust[kind].entries()) {
      const fault = chainFault(certChain)
      if (fault) findings.note(`${kind}[${at}].certChain`, 'keys that only their owners can sign with', fault)
    }
  findings.throwIfAny()
  for (const { certChain } of [...trust.certificateAuthorities, ...trust.timestampAuthorities])
    certChain.forEach(rememberAuthority)
  return trust
}

/**
 * One authority and some logs, without certificate logs and without timestamp authorities: this is what a podman policy
 * can name.
 * @param chain of the authority, as PEM
 */
export function authorityAndLogs(chain: string, rekorKeys: readonly KeyObject[]): TrustMaterial {
  const certificates = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) throw new Error('no certificate')
  const certChain = certificates.map((pem) => X509Certificate.parse(pem))
  const fault = chainFault(certChain)
  if (fault) throw new Error(`the key of a certificate is not taken: ${fault}`)
  certChain.forEach(rememberAuthority)
  return { ...logsOnly(rekorKeys), certificateAuthorities: [{ certChain, validFor: ALWAYS }] }
}

function chainFault(chain: readonly X509Certificate[]): string | undefined {
  const keys = chain.map(({ publicKey }) => createPublicKey({ key: publicKey, format: 'der', type: 'spki' }))
  return keys.map(forgeableFault).find((fault) => fault !== undefined)
}

/** Logs by their keys. */
export function logsOnly(rekorKeys: readonly KeyObject[]): TrustMaterial {
  return {
    certificateAuthorities: [],
    timestampAuthorities: [],
    ctlogs: [],
    publicKey: noKey,
    tlogs: rekorKeys.map((publicKey) => ({
      baseURL: '',
      // RFC 6962, section 3.2.
      logID: createHash('sha256')
        .update(publicKey.export({ type: 'spki', format: 'der' }))
        .digest(),
      publicKey,
      validFor: ALWAYS,
    })),
  }
}

function noKey(): never {
  throw new Error('No key is trusted here.')
}
