import type { SecretKey } from '../minisign/secret-key.js'
import { type MadeSignature, writeSigned } from './sign-list.js'

/**
 * Writes and signs a document that is carried back, such as a log of receipts or an inventory, and states which images
 * it is about.
 * @param write replaces the document in one step
 * @throws as `writeSigned`
 */
export async function writeSignedDocument(
  file: string,
  bytes: Uint8Array,
  keys: readonly SecretKey[],
  images: readonly { name: string; version: string }[],
  write: () => Promise<void>,
): Promise<Pick<MadeSignature, 'path' | 'keyId'>[]> {
  const names = new Set(images.map(({ name, version }) => `${name}:${version}`))
  const made = await writeSigned(file, bytes, keys, { said: { images: [...names] } }, write)
  return made.map(({ path, keyId }) => ({ path, keyId }))
}
