import { randomBytes } from 'node:crypto'
import { ContainerImageError, option, printable, show } from '../../manifests/index.js'
import type { Bytes } from '../io/bytes.js'
import { readUserFile } from '../io/files/read-user-file.js'
import { PAYLOAD_NONCE, sealed } from './payload.js'

/** For whom files are encrypted. */
export interface Recipients {
  /** As they were given: `age1...`. */
  names: string[]
  /** A whole age file from the bytes; each has its own key. */
  encrypted(bytes: Bytes): Bytes
}

/**
 * Those that are named, and those in files as for `age -R`: one per line, with comments after `#`.
 * @throws RECIPIENT_INVALID with every one that is not valid
 */
export async function readRecipients(
  given: readonly string[],
  files: readonly string[],
): Promise<Recipients> {
  const named = given.map((name) => ({ name: name.trim(), from: option('encryptTo') }))
  for (const file of files) {
    const lines = (await readUserFile(file)).toString('utf8').split(/\r?\n/)
    for (const [at, line] of lines.entries())
      if (line.trim() !== '' && !line.startsWith('#'))
        named.push({ name: line.trim(), from: `line ${at + 1} of ${printable(file)}` })
  }
  // Loaded late, as its curves are large.
  const { Encrypter } = await import('age-encryption')
  const wrong = named.filter(({ name }) => !isRecipient(() => new Encrypter().addRecipient(name)))
  if (named.length === 0 || wrong.length > 0) throw invalid(wrong)
  const names = [...new Set(named.map(({ name }) => name))]
  return {
    names,
    async *encrypted(bytes) {
      const { header, fileKey } = await newHeader(names)
      const nonce = randomBytes(PAYLOAD_NONCE)
      yield header
      yield nonce
      yield* sealed(bytes, fileKey, nonce)
    },
  }
}

function isRecipient(add: () => void): boolean {
  try {
    add()
    return true
  } catch {
    return false
  }
}

/**
 * Made by the package, which is given nothing to encrypt; our own recipient learns the key, and adds no
 * stanza.
 */
async function newHeader(names: readonly string[]): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const name of names) encrypter.addRecipient(name)
  let fileKey = new Uint8Array(0)
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = Uint8Array.from(key)
      return []
    },
  })
  const file = await encrypter.encrypt(new Uint8Array(0))
  const end = Buffer.from(file).indexOf('\n', Buffer.from(file).indexOf('\n--- ') + 1) + 1
  return { header: file.subarray(0, end), fileKey }
}

function invalid(wrong: { name: string; from: string }[]): ContainerImageError {
  // Somebody may have given the secret key instead of the public one.
  const shown = ({ name, from }: { name: string; from: string }): string =>
    `${/secret/i.test(name) ? 'a secret key' : show(name.slice(0, 80))} (${from})`
  return new ContainerImageError('RECIPIENT_INVALID', 'There is no recipient to encrypt to.', {
    expected: 'age1..., as age-keygen prints it',
    found: wrong.length === 0 ? 'none' : wrong.map(shown).join(', '),
  })
}
