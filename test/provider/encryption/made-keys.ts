import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'

/** A file as age-keygen writes it, and the recipient that belongs to it. */
export interface MadeKey {
  file: string
  recipient: string
}

export async function makeKey(folder: string, name = 'key'): Promise<MadeKey> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const file = path.join(folder, name)
  writeFileSync(file, `# created: 2026-01-01T00:00:00Z\n# public key: ${recipient}\n${identity}\n`)
  chmodSync(file, 0o600)
  return { file, recipient }
}
