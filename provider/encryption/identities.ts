import { type FileHandle, stat } from 'node:fs/promises'
import type { Decrypter } from 'age-encryption'
import { ContainerImageError, option, printable } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'
import { openToRead } from '../io/files/read-document.js'
import { chunksOf } from '../io/files/read-range.js'
import { readUserFile } from '../io/files/read-user-file.js'
import { AGE_HEAD, type AgeHeader, isAge, readHeader } from './header.js'
import { unsealed } from './payload.js'

/** What opens encrypted files. */
export interface Identities {
  /** The files they come from, as they were given. */
  files: readonly string[]
  /** The content of an age file, from start to end. @throws ENCRYPTED, DECRYPTION_FAILED */
  decrypted(path: string, label: string, signal?: AbortSignal): Bytes
}

/**
 * The identities of some files as age-keygen writes them.
 * @param note called if others can read such a file
 * @throws IDENTITY_INVALID, PATH_NOT_FOUND, PERMISSION_DENIED
 */
export async function readIdentities(
  files: readonly string[],
  note: (message: string) => void,
): Promise<Identities> {
  const { Decrypter } = await import('age-encryption')
  const decrypter = new Decrypter()
  for (const file of files) {
    for (const add of await identitiesIn(file)) add(decrypter)
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      note(`Others can read ${printable(file)}. To end that: chmod 600 ${printable(file)}`)
  }
  return { files, decrypted: (path, label, signal) => decrypted(decrypter, path, label, signal) }
}

/** The text of a line never appears in a message: it is a secret, or was meant to be one. */
async function identitiesIn(file: string): Promise<((to: Decrypter) => void)[]> {
  if (/^age-secret-key-/i.test(file)) throw noFile()
  const bytes = await readUserFile(file)
  if (isAge(bytes.subarray(0, AGE_HEAD))) throw locked(file)
  const lines = bytes.toString('utf8').split(/\r?\n/)
  const { Decrypter } = await import('age-encryption')
  const found: ((to: Decrypter) => void)[] = []
  const wrong: number[] = []
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const add = (to: Decrypter): void => to.addIdentity(line.trim())
    try {
      add(new Decrypter())
      found.push(add)
    } catch {
      wrong.push(at + 1)
    }
  }
  if (found.length > 0 && wrong.length === 0) return found
  throw new ContainerImageError('IDENTITY_INVALID', `${printable(file)} is not a file of identities.`, {
    expected: 'lines of AGE-SECRET-KEY-1..., as age-keygen writes them, and comments behind #',
    found: wrong.length > 0 ? `something else in line ${wrong.slice(0, 20).join(', ')}` : 'no such line',
  })
}

/** Other users of the machine can see arguments, and shells keep them. */
function noFile(): ContainerImageError {
  return new ContainerImageError(
    'IDENTITY_INVALID',
    `${option('identity')} takes a file, and not the secret key itself.`,
    {
      expected: 'the path of a file',
      found: 'a secret key',
      remedy:
        'Write it into a file that you alone can read; as others may have seen it by now, a new one is better.',
    },
  )
}

function locked(file: string): ContainerImageError {
  return new ContainerImageError('IDENTITY_INVALID', `${printable(file)} is itself encrypted.`, {
    expected: 'lines of AGE-SECRET-KEY-1...',
    found: 'a file of age',
    remedy: `Decrypt it with \`age --decrypt\` where only memory holds it, such as /dev/shm, and give that file with ${option('identity')}.`,
  })
}

async function* decrypted(
  decrypter: Decrypter,
  path: string,
  label: string,
  signal: AbortSignal | undefined,
): Bytes {
  const file = await openToRead(path)
  try {
    const header = await readHeader(file, label)
    const fileKey = await fileKeyOf(decrypter, header, label)
    yield* unsealed(await payloadOf(file, path, header, signal), fileKey, header.nonce, label)
  } finally {
    await file.close()
  }
}

async function payloadOf(
  file: FileHandle,
  path: string,
  { end }: AgeHeader,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const { size } = await file.stat()
  return chunksOf(file, { path, offset: end, size: size - end }, { signal })
}

async function fileKeyOf(
  decrypter: Decrypter,
  { bytes, kinds }: AgeHeader,
  label: string,
): Promise<Uint8Array> {
  try {
    return await decrypter.decryptHeader(bytes)
  } catch (error) {
    if (/no identity matched/.test(String(error))) throw encrypted(label, kinds, 'identities of others')
    throw new ContainerImageError('DECRYPTION_FAILED', `${label} has a header that was changed.`, {
      side: 'source',
      expected: 'a header with a MAC that fits it',
      found: 'another one',
      cause: error,
    })
  }
}

/** @param found what was given to open it with */
export function encrypted(label: string, kinds: readonly string[], found: string): ContainerImageError {
  return new ContainerImageError('ENCRYPTED', `${label} is encrypted, and nothing that was given opens it.`, {
    side: 'source',
    expected: `an identity of one of its recipients${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`,
    found,
    remedy: `Give the file that age-keygen made for the recipient with ${option('identity')}.`,
  })
}
