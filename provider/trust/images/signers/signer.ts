import type { X509Certificate } from 'node:crypto'
import type { TrustMaterial } from '@sigstore/verify'
import type { TrustedKey } from './public-key.js'

/** Who may sign, with all that is needed to find out that he did. */
export type Signer = KeySigner | IdentitySigner | CertificateSigner

/** Whoever has a key. */
export interface KeySigner {
  kind: 'key'
  keys: TrustedKey[]
  /** Logs of which one must have a record of the signature; undefined where none has to. */
  logs?: TrustMaterial
}

/** Whoever an authority of sigstore has identified, at the time that is proven. */
export interface IdentitySigner {
  kind: 'identity'
  trust: TrustMaterial
  /** Of certificate logs that must have a record of the certificate. */
  certificateLogs: number
  /** As the policy has it, for messages. */
  identity: string
  /** Whether the name in a certificate is that identity. */
  fits(name: string): boolean
  issuer: string
}

/** Whoever has a certificate of some authorities, as Notary Project has it. */
export interface CertificateSigner {
  kind: 'certificate'
  authorities: X509Certificate[]
  /** Parts of the distinguished name that the certificate must have; any name where there are none. */
  subjects: string[]
}

/** For messages: who is trusted. */
export function signerInWords(signer: Signer): string {
  switch (signer.kind) {
    case 'key':
      return signer.keys.map(({ fingerprint }) => keyInWords(fingerprint)).join(' or ')
    case 'identity':
      return `${signer.identity}, by ${signer.issuer}`
    case 'certificate':
      return signer.subjects.length > 0 ? signer.subjects.join(' or ') : 'a certificate of the trust store'
  }
}

/** Short enough for a line, and long enough to be compared by eye. */
export function keyInWords(fingerprint: string): string {
  return `key ${fingerprint.slice(0, 16)}`
}
