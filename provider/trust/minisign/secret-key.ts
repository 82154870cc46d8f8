import { randomBytes } from 'node:crypto'
import { ContainerImageError } from '../../../manifests/index.js'
import { ed25519Public, PUBLIC_BYTES, SEED_BYTES } from './ed25519.js'
import { KEY_ID_BYTES, keyIdText } from './key-id.js'
import { passphraseStream, SENSITIVE } from './passphrase-stream.js'
import type { PublicKey } from './public-key.js'
import { decoded, linesOf, notOfMinisign } from './text-file.js'

/** A secret key that can sign. */
export interface SecretKey {
  /** As minisign prints it: 16 hex digits. */
  id: string
  seed: Buffer
}

/** A secret key as it is in its file. */
export interface SecretKeyFile {
  /** Whether a passphrase is needed. */
  isEncrypted: boolean
  /** @throws PASSPHRASE_WRONG, KEY_INVALID for one that is damaged */
  open(passphrase: string): Promise<SecretKey>
}

/*
 * The content of the file after its comment (jedisct1.github.io/minisign, "Secret key format"): three algorithms, a
 * salt, the limits of scrypt, and then, hidden by scrypt's output if there is a passphrase, key id, seed, public key
 * and checksum.
 */
const SIGNATURE_ALGORITHM = Buffer.from('Ed')
const SCRYPT = Buffer.from('Sc')
const NONE = Buffer.alloc(2)
const CHECKSUM_ALGORITHM = Buffer.from('B2')
const SALT_BYTES = 32
const CHECKSUM_BYTES = 32
const NO_CHECKSUM = Buffer.alloc(CHECKSUM_BYTES)
const SECRET_AT = 6 + SALT_BYTES + 8 + 8
const SECRET_BYTES = KEY_ID_BYTES + SEED_BYTES + PUBLIC_BYTES + CHECKSUM_BYTES
/** What minisign asks for, and no more: a file must not be able to use up all memory. */
const MOST_WORK = SENSITIVE

export function generateSecretKey(): SecretKey {
  return { id: keyIdText(randomBytes(KEY_ID_BYTES)), seed: randomBytes(SEED_BYTES) }
}

export function publicKeyOf({ id, seed }: SecretKey): PublicKey {
  return { id, bytes: ed25519Public(seed) }
}

/**
 * The file of a secret key, as minisign writes it.
 * @param passphrase undefined for a key that anybody who has the file can use
 */
export async function secretKeyFile(key: SecretKey, passphrase: string | undefined): Promise<Buffer> {
  const head = Buffer.alloc(SECRET_AT)
  const body = Buffer.concat([idBytes(key), key.seed, ed25519Public(key.seed)])
  // Without a passphrase minisign leaves the checksum empty.
  const plain = Buffer.concat([body, passphrase === undefined ? NO_CHECKSUM : await checksum(body)])
  SIGNATURE_ALGORITHM.copy(head, 0)
  CHECKSUM_ALGORITHM.copy(head, 4)
  if (passphrase !== undefined) {
    SCRYPT.copy(head, 2)
    randomBytes(SALT_BYTES).copy(head, 6)
    head.writeBigUInt64LE(SENSITIVE.operations, 6 + SALT_BYTES)
    head.writeBigUInt64LE(SENSITIVE.memory, 6 + SALT_BYTES + 8)
    await hide(head, plain, passphrase)
  }
  const line = Buffer.concat([head, plain]).toString('base64')
  return Buffer.from(`untrusted comment: minisign encrypted secret key\n${line}\n`)
}

/**
 * Reads the file of a secret key.
 * @throws KEY_INVALID
 */
export function parseSecretKey(bytes: Uint8Array, label: string): SecretKeyFile {
  const lines = linesOf(bytes)
  const raw = decoded(lines[1]?.trim(), SECRET_AT + SECRET_BYTES)
  const kind = raw?.subarray(2, 4)
  const isKnown =
    raw?.subarray(0, 2).equals(SIGNATURE_ALGORITHM) &&
    raw.subarray(4, 6).equals(CHECKSUM_ALGORITHM) &&
    (kind?.equals(SCRYPT) || kind?.equals(NONE))
  // Its second line is the secret itself, and must not appear in any message.
  if (!raw || !isKnown) throw notOfMinisign(label, 'a secret key of minisign', lines[0] ?? 'an empty file')
  const head = raw.subarray(0, SECRET_AT)
  const isEncrypted = head.subarray(2, 4).equals(SCRYPT)
  if (isEncrypted && !isBounded(head)) throw notOfMinisign(label, 'a secret key of minisign', 'other limits')
  return { isEncrypted, open: (passphrase) => opened(raw, isEncrypted ? passphrase : undefined, label) }
}

async function opened(raw: Buffer, passphrase: string | undefined, label: string): Promise<SecretKey> {
  const plain = Buffer.from(raw.subarray(SECRET_AT))
  if (passphrase !== undefined) await hide(raw.subarray(0, SECRET_AT), plain, passphrase)
  const body = plain.subarray(0, -CHECKSUM_BYTES)
  const found = plain.subarray(-CHECKSUM_BYTES)
  // Without a passphrase minisign leaves it empty.
  const isRight =
    (passphrase === undefined && found.equals(NO_CHECKSUM)) || found.equals(await checksum(body))
  if (!isRight && passphrase === undefined)
    throw notOfMinisign(label, 'a secret key of minisign', 'a checksum that is not that of the key')
  if (!isRight)
    throw new ContainerImageError('PASSPHRASE_WRONG', `The passphrase does not open ${label}.`, {
      side: 'source',
      expected: 'the passphrase that the key was made with',
      found: passphrase === '' ? 'an empty one' : 'another one',
    })
  const seed = body.subarray(KEY_ID_BYTES, KEY_ID_BYTES + SEED_BYTES)
  if (!ed25519Public(seed).equals(body.subarray(KEY_ID_BYTES + SEED_BYTES)))
    throw notOfMinisign(label, 'a secret key of minisign', 'two halves that do not belong together')
  return { id: keyIdText(body.subarray(0, KEY_ID_BYTES)), seed }
}

/** Hides what is open, and vice versa. */
async function hide(head: Buffer, secret: Buffer, passphrase: string): Promise<void> {
  const stream = await passphraseStream(
    passphrase,
    head.subarray(6, 6 + SALT_BYTES),
    limitsOf(head),
    secret.length,
  )
  for (const [i, byte] of stream.entries()) secret[i] = (secret[i] ?? 0) ^ byte
}

function limitsOf(head: Buffer) {
  return {
    operations: head.readBigUInt64LE(6 + SALT_BYTES),
    memory: head.readBigUInt64LE(6 + SALT_BYTES + 8),
  }
}

function isBounded(head: Buffer): boolean {
  const { operations, memory } = limitsOf(head)
  return operations <= MOST_WORK.operations && memory <= MOST_WORK.memory
}

/** The library is loaded only if there is a passphrase. */
async function checksum(body: Uint8Array): Promise<Buffer> {
  const { blake2b } = await import('@noble/hashes/blake2.js')
  return Buffer.from(blake2b(Buffer.concat([SIGNATURE_ALGORITHM, body]), { dkLen: CHECKSUM_BYTES }))
}

function idBytes({ id }: SecretKey): Buffer {
  return Buffer.from(id, 'hex').reverse()
}
