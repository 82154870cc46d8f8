import type { X509Certificate } from 'node:crypto'
import type { TrustMaterial } from '@sigstore/verify'
import type { TrustedKey } from './public-key.js'

/** Who may sign, with everything that is needed to find out whether they did. */
export type Signer = KeySigner | IdentitySigner | CertificateSigner

/** Whoever has a key. */
export interface KeySigner {
  kind: 'key'
  keys: TrustedKey[]
  /** Logs, one of which must have a record of the signature; undefined if none has to. */
  logs?: TrustMaterial
}

/** Whoever a sigstore authority has identified, at a time that is proven. */
export interface IdentitySigner {
  kind: 'identity'
  trust: TrustMaterial
  /** How many certificate logs must have a record of the certificate. */
  certificateLogs: number
  /** As written in the policy, for messages. */
  identity: string
  /** Whether the name in a certificate is this identity. */
  fits(name: string): boolean
  issuer: string
}

/** Whoever has a certificate from one of some authorities, as in Notary Project. */
export interface CertificateSigner {
  kind: 'certificate'
  authorities: X509Certificate[]
  /** Parts of the distinguished name that the certificate must have; any name if the list is empty. */
  subjects: string[]
}

/** Who is trusted, for messages. */
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
