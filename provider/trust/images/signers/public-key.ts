import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ed25519Fault } from '../../curve/ed25519-point.js'

/** A key that a policy trusts. */
export interface TrustedKey {
  key: KeyObject
  /** SHA-256 of the key as SPKI in DER, which cosign and sigstore tools show. */
  fingerprint: string
}

const MIN_RSA_BITS = 2048
/** OpenSSL verifies nothing with more. */
const MAX_RSA_BITS = 16_384
const ED25519_BYTES = 32

/** Further hashes that tools use with keys on these curves; all of them also sign with SHA-256. */
const HASHES: Record<string, string[]> = {
  prime256v1: ['sha256'],
  secp384r1: ['sha256', 'sha384'],
  secp521r1: ['sha256', 'sha512'],
}

/**
 * Reads the one public key in PEM or DER: ECDSA on the NIST curves, Ed25519, or RSA with at least 2048 bits.
 * @throws Error that says what it is instead
 */
export function parsePublicKey(bytes: Buffer): TrustedKey {
  const isPem = bytes.includes('-----BEGIN')
  if (isPem && bytes.includes('PRIVATE KEY-----')) throw new Error('it is a private key')
  const count = isPem ? (bytes.toString('latin1').match(/-----BEGIN [^-]+-----/g)?.length ?? 1) : 1
  if (count > 1) throw new Error(`it has ${count} keys instead of one`)
  const key = createPublicKey(isPem ? bytes : { key: bytes, format: 'der', type: 'spki' })
  const fault = keyFault(key) ?? (isPem ? undefined : trailing(bytes))
  if (fault) throw new Error(fault)
  return { key, fingerprint: fingerprintOf(key) }
}

/** Why a key is not taken; undefined if nothing is wrong with it. */
export function keyFault(key: KeyObject): string | undefined {
  const fault = forgeableFault(key)
  if (fault) return fault
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const type = key.asymmetricKeyType ?? ''
  const isKnown =
    type === 'ed25519' ||
    (type === 'ec' && Object.hasOwn(HASHES, namedCurve)) ||
    (type === 'rsa' && modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS)
  return isKnown
    ? undefined
    : `it is a key of the kind ${[type, namedCurve || modulusLength || ''].join(' ').trim()}`
}

/**
 * Why signatures by a key prove nothing, if that is so. OpenSSL takes RSA keys with the exponent 1, the point at infinity
 * of a curve, and Ed25519's points of small order: anybody can sign for these.
 */
export function forgeableFault(key: KeyObject): string | undefined {
  switch (key.asymmetricKeyType) {
    case 'ed25519': {
      const fault = ed25519Fault(spki(key).subarray(-ED25519_BYTES))
      return fault && `it is ${fault}`
    }
    // Node ends the whole process where it is asked for the details of such a point, so nothing else may come first.
    case 'ec':
      return hasPoint(key) ? undefined : 'it is the point at infinity, which is no key'
    case 'rsa': {
      const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n
      return exponent < 3n || exponent % 2n === 0n
        ? `it has the exponent ${exponent} instead of an odd one from 3 on`
        : undefined
    }
    default:
      return undefined
  }
}

/** OpenSSL reads the point at infinity, but does not write it. */
function hasPoint(key: KeyObject): boolean {
  try {
    return spki(key).length > 0
  } catch {
    return false
  }
}

/** What follows the key would be ignored by OpenSSL: it may be another key. */
function trailing(der: Buffer): string | undefined {
  const long = (der[1] ?? 0) & 0x80 ? (der[1] ?? 0) & 0x7f : 0
  const size = 2 + long + (long > 0 ? der.readUIntBE(2, Math.min(long, 6)) : (der[1] ?? 0))
  return size < der.length ? `${der.length - size} bytes follow the key` : undefined
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** In hex. */
function fingerprintOf(key: KeyObject): string {
  return createHash('sha256').update(spki(key)).digest('hex')
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
