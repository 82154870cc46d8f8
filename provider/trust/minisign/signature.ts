import { createHash } from 'node:crypto'
import { ContainerImageError, printable } from '../../../manifests/index.js'
import { ed25519Sign, ed25519Verify, SIGNATURE_BYTES } from './ed25519.js'
import { KEY_ID_BYTES, keyIdText } from './key-id.js'
import type { PublicKey } from './public-key.js'
import type { SecretKey } from './secret-key.js'
import { commentOf, decoded, linesOf } from './text-file.js'

/** A signature as it is in its file; nothing in it has been verified. */
export interface Signature {
  /** The id of the key that made it, according to the signature itself. */
  keyId: string
  /** Whether the BLAKE2b-512 of the bytes was signed, or the bytes themselves, as older programs do it. */
  isPrehashed: boolean
  signature: Buffer
  /** What is signed along with it. */
  trustedComment: string
  /** The signature over the signature and the comment together. */
  global: Buffer
}

const PREHASHED = Buffer.from('ED')
const LEGACY = Buffer.from('Ed')
const TRUSTED = 'trusted comment: '

/**
 * Signs bytes, and a comment along with them.
 * @returns the file, as minisign writes it
 */
export function signBytes(key: SecretKey, bytes: Uint8Array, trustedComment: string): Buffer {
  const signature = ed25519Sign(key.seed, blake2b512(bytes))
  const global = ed25519Sign(key.seed, Buffer.concat([signature, Buffer.from(trustedComment)]))
  const line = Buffer.concat([PREHASHED, Buffer.from(key.id, 'hex').reverse(), signature])
  return Buffer.from(
    `untrusted comment: signature from minisign secret key ${key.id}\n${line.toString('base64')}\n${TRUSTED}${trustedComment}\n${global.toString('base64')}\n`,
  )
}

/**
 * Reads a signature.
 * @throws SIGNATURE_INVALID
 */
export function parseSignature(bytes: Uint8Array, label: string): Signature {
  const lines = linesOf(bytes)
  const raw = decoded(lines[1], 2 + KEY_ID_BYTES + SIGNATURE_BYTES)
  const trustedComment = commentOf(lines[2], TRUSTED)
  const global = decoded(lines[3], SIGNATURE_BYTES)
  const isPrehashed = raw?.subarray(0, 2).equals(PREHASHED) ?? false
  const isKnown = isPrehashed || raw?.subarray(0, 2).equals(LEGACY)
  if (!raw || !isKnown || trustedComment === undefined || !global || lines.length > 4)
    throw new ContainerImageError(
      'SIGNATURE_INVALID',
      `${printable(label)} is not a signature of minisign.`,
      {
        side: 'source',
        expected: 'four lines: a comment, a signature, a trusted comment, and a signature of both',
        found: `${lines.length} lines`,
      },
    )
  return {
    keyId: keyIdText(raw.subarray(2, 2 + KEY_ID_BYTES)),
    isPrehashed,
    signature: raw.subarray(2 + KEY_ID_BYTES),
    trustedComment,
    global,
  }
}

/** Whether a signature was made with a key, for some bytes and for its trusted comment. */
export function isSignatureOf(signature: Signature, bytes: Uint8Array, key: PublicKey): boolean {
  if (signature.keyId !== key.id) return false
  const message = signature.isPrehashed ? blake2b512(bytes) : bytes
  const both = Buffer.concat([signature.signature, Buffer.from(signature.trustedComment)])
  return (
    ed25519Verify(key.bytes, message, signature.signature) && ed25519Verify(key.bytes, both, signature.global)
  )
}

function blake2b512(bytes: Uint8Array): Buffer {
  return createHash('blake2b512').update(bytes).digest()
}
