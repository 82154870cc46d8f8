import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { readDocument } from '../../io/files/read-document.js'
import { parseSecretKey, type SecretKey } from '../minisign/secret-key.js'
import { MOST_BYTES } from '../minisign/text-file.js'

/** Asks for the passphrase of a key, by the path of its file; undefined if there is nobody to ask. */
export type AskPassphrase = (file: string) => Promise<string | undefined>

/**
 * Opens the secret keys in some files.
 * @throws KEY_INVALID, PASSPHRASE_WRONG, PATH_NOT_FOUND; USAGE if a passphrase is needed and there is none
 */
export async function readSecretKeys(
  files: readonly string[],
  passphrase: AskPassphrase | undefined,
): Promise<SecretKey[]> {
  const keys: SecretKey[] = []
  for (const file of files) {
    const { isEncrypted, open } = parseSecretKey(await readDocument(file, MOST_BYTES), printable(file))
    const asked = isEncrypted ? await passphrase?.(file) : ''
    if (asked === undefined) throw noPassphrase(file)
    keys.push(await open(asked))
  }
  const twice = keys.find((key, at) => keys.findIndex(({ id }) => id === key.id) < at)
  if (twice)
    throw new ContainerImageError('USAGE', `The key ${twice.id} is given twice with ${option('sign')}.`, {
      remedy: 'Give each key once.',
    })
  return keys
}

function noPassphrase(file: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${printable(file)} needs its passphrase.`, {
    expected: `a passphrase on a terminal, or ${option('passphrase')}`,
    found: 'neither',
    remedy: `Give it with ${option('passphrase')}.`,
  })
}
