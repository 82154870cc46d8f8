import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** Sizes in bytes of a public key, of the seed from which a secret key is made, and of a signature (RFC 8032, 5.1). */
export const PUBLIC_BYTES = 32
export const SEED_BYTES = 32
export const SIGNATURE_BYTES = 64

/** What precedes the raw bytes in the formats that Node accepts (RFC 8410, 4 and 7). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Buffer {
  return sign(null, message, privateKey(seed))
}

export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

/** The public key that belongs to a seed. */
export function ed25519Public(seed: Uint8Array): Buffer {
  return createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
}

function privateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
}
