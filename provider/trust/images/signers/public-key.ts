import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

/** A key that a policy trusts. */
export interface TrustedKey {
  key: KeyObject
  /** SHA-256 of the key as SPKI in DER, which cosign and sigstore tools show. */
  fingerprint: string
}

const MIN_RSA_BITS = 2048

/** Further hashes that tools use with keys on these curves; all of them also sign with SHA-256. */
const HASHES: Record<string, string[]> = {
  prime256v1: ['sha256'],
  secp384r1: ['sha256', 'sha384'],
  secp521r1: ['sha256', 'sha512'],
}

/**
 * Reads a public key in PEM or DER: ECDSA on the NIST curves, Ed25519, or RSA with at least 2048 bits.
 * @throws Error that says what it is instead
 */
export function parsePublicKey(bytes: Buffer): TrustedKey {
  const isPem = bytes.includes('-----BEGIN')
  if (isPem && bytes.includes('PRIVATE KEY-----')) throw new Error('it is a private key')
  const key = createPublicKey(isPem ? bytes : { key: bytes, format: 'der', type: 'spki' })
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const type = key.asymmetricKeyType ?? ''
  const isKnown =
    type === 'ed25519' ||
    (type === 'ec' && Object.hasOwn(HASHES, namedCurve)) ||
    (type === 'rsa' && modulusLength >= MIN_RSA_BITS)
  if (!isKnown)
    throw new Error(`it is a key of the kind ${[type, namedCurve || modulusLength || ''].join(' ').trim()}`)
  return { key, fingerprint: fingerprintOf(key) }
}

/** In hex. */
function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** Whether a signature, as made by cosign and sigstore, is by this key and over these bytes. */
export function isSignedBy(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  const { namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const hashes = key.asymmetricKeyType === 'ed25519' ? [null] : (HASHES[namedCurve] ?? ['sha256'])
  return hashes.some((hash) => {
    try {
      return verify(hash, bytes, key, signature)
    } catch {
      // It does not even have the form of a signature by this key.
      return false
    }
  })
}
