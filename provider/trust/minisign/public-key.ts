import { ed25519Fault } from '../curve/ed25519-point.js'
import { PUBLIC_BYTES } from './ed25519.js'
import { KEY_ID_BYTES, keyIdText } from './key-id.js'
import { decoded, linesOf, notOfMinisign } from './text-file.js'

export interface PublicKey {
  /** As minisign prints it: 16 hex digits. */
  id: string
  /** The raw key. */
  bytes: Buffer
}

const COMMENT = 'untrusted comment:'
const ALGORITHM = Buffer.from('Ed')

/**
 * Reads a public key: minisign's file, or the one line of it that `minisign -P` takes.
 * @throws KEY_INVALID, also for a file with several, and for a key that anybody or nobody can sign with
 */
export function parsePublicKey(bytes: Uint8Array, label: string): PublicKey {
  const key = parseUncheckedKey(bytes, label)
  const fault = ed25519Fault(key.bytes)
  if (fault) throw notOfMinisign(label, 'a key that only its owner can sign with', fault)
  return key
}

/** The same for a key that is not to be used: it may be one for which anybody can sign. @throws KEY_INVALID */
export function parseUncheckedKey(bytes: Uint8Array, label: string): PublicKey {
  const lines = linesOf(bytes)
  const at = lines[0]?.startsWith(COMMENT) ? 1 : 0
  const line = lines[at]
  const raw = decoded(line?.trim(), ALGORITHM.length + KEY_ID_BYTES + PUBLIC_BYTES)
  if (!raw?.subarray(0, ALGORITHM.length).equals(ALGORITHM))
    throw notOfMinisign(label, 'a public key of minisign', line ?? 'an empty file')
  const further = lines.slice(at + 1).filter((one) => one.trim() !== '')
  if (further.length > 0)
    throw notOfMinisign(
      label,
      'one public key of minisign',
      `${further.length} more lines after the first key`,
    )
  const [id, key] = [raw.subarray(2, 2 + KEY_ID_BYTES), raw.subarray(2 + KEY_ID_BYTES)]
  return { id: keyIdText(id), bytes: key }
}

/** The one line that stands for a key: in its file, in settings, and on a command line. */
export function publicKeyLine({ id, bytes }: PublicKey): string {
  return Buffer.concat([ALGORITHM, Buffer.from(id, 'hex').reverse(), bytes]).toString('base64')
}

/** The file of a public key, as minisign writes it. */
export function publicKeyFile(key: PublicKey): Buffer {
  return Buffer.from(`${COMMENT} minisign public key ${key.id}\n${publicKeyLine(key)}\n`)
}
