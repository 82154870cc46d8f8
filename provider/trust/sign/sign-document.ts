import type { SecretKey } from '../minisign/secret-key.js'
import { type MadeSignature, signList } from './sign-list.js'

/**
 * Signs a document that is carried back, such as a log of receipts or an inventory, and says which images it speaks of.
 * @throws as `signList`
 */
export async function signDocument(
  file: string,
  bytes: Uint8Array,
  keys: readonly SecretKey[],
  images: readonly { name: string; version: string }[],
): Promise<Pick<MadeSignature, 'path' | 'keyId'>[]> {
  const names = new Set(images.map(({ name, version }) => `${name}:${version}`))
  const made = await signList(file, bytes, keys, { images: [...names] })
  return made.map(({ path, keyId }) => ({ path, keyId }))
}
