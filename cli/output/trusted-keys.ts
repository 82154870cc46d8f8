import path from 'node:path'
import { printable } from '../../manifests/index.js'
import type { KeyGenerateResult, TrustedSigner } from '../../provider/index.js'
import { table } from './table.js'
import { whatIf } from './what-if.js'

/** What was made, and what to do with it. */
export function generatedLines({
  path: file,
  publicPath,
  id,
  publicKey,
  wasThere,
}: KeyGenerateResult): string[] {
  return [
    wasThere ? `Made the public key of ${id}, whose secret key was there.` : `Made the key ${id}.`,
    `  secret: ${printable(file)}`,
    `  public: ${printable(publicPath)}, or ${publicKey}`,
  ]
}

export function wouldGenerateLines({ path: file }: KeyGenerateResult): string[] {
  return [whatIf('Generate Key', file)]
}

export function addedSignerLines(signer: TrustedSigner): string[] {
  return [
    `Trusted ${signer.name} (${signer.id}) for ${maySign(signer)}. What is taken must be signed from now on.`,
  ]
}

/** The trusted keys as a table. */
export function signerLines(signers: readonly TrustedSigner[], width?: number): string[] {
  if (signers.length === 0) return ['No key is trusted: nothing is checked.']
  const titles = [{ title: 'Name' }, { title: 'Key' }, { title: 'MaySign', shrinks: 1 }]
  const rows = signers.map((signer) => [signer.name, signer.id, maySign(signer)])
  return table(titles, rows, { width, gap: 2, underlined: true })
}

function maySign({ patterns }: TrustedSigner): string {
  return patterns.length === 0 ? 'all images' : patterns.map(printable).join(', ')
}

/** The signatures that were made. */
export function signatureLines(signatures: readonly { path: string; keyId: string }[]): string[] {
  return signatures.map(({ path: file, keyId }) => `Signed with ${keyId}: ${printable(path.basename(file))}`)
}
