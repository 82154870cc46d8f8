import { existsSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode, option, show } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import { readSecretKeys } from '../../trust/keys/read-secret-key.js'
import { type PublicKey, publicKeyFile, publicKeyLine } from '../../trust/minisign/public-key.js'
import { generateSecretKey, publicKeyOf, secretKeyFile } from '../../trust/minisign/secret-key.js'
import type { KeyGenerateRequest, KeyGenerateResult } from './request.js'

/**
 * Makes a key pair in minisign's file format: the secret key, which only this user may read, and beside it
 * the public one, which the other side needs. If a stopped run has left only a secret key, its public one is
 * written.
 * @throws FILE_EXISTS, USAGE if a passphrase is needed but not given; NO_SPACE, PERMISSION_DENIED
 */
export async function keyGenerate({
  path: file,
  passphrase,
  noPassphrase,
  force,
  whatIf,
}: KeyGenerateRequest): Promise<KeyGenerateResult> {
  const secretFile = path.resolve(file)
  const publicFile = publicName(secretFile)
  if (!force && existsSync(publicFile)) throw inTheWay(publicFile)
  const names = { path: secretFile, publicPath: publicFile }
  if (!force && existsSync(secretFile)) {
    const own = await leftAlone(secretFile, passphrase)
    if (!whatIf) await writePublicKey(publicFile, own)
    return { ...names, id: own.id, publicKey: publicKeyLine(own), wasThere: true }
  }
  const key = generateSecretKey()
  const own = publicKeyOf(key)
  if (whatIf) return { ...names, id: '', publicKey: '', wasThere: false }
  const asked = noPassphrase ? undefined : await passphrase?.(file)
  if (!noPassphrase && !asked)
    throw new ContainerImageError('USAGE', 'A key needs a passphrase.', {
      expected: `a passphrase on a terminal, ${option('passphrase')} or ${option('noPassphrase')}`,
      found: asked === '' ? 'an empty one' : 'none of them',
    })
  const secret = await secretKeyFile(key, asked)
  await inWords(`Writing ${secretFile}`, 'destination', async () => {
    await makeFolder(path.dirname(secretFile), 0o700)
    await replaceFile(secretFile, secret, { mode: 0o600 })
  })
  await writePublicKey(publicFile, own)
  return { ...names, id: own.id, publicKey: publicKeyLine(own), wasThere: false }
}

async function writePublicKey(file: string, key: PublicKey): Promise<void> {
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, publicKeyFile(key)))
}

/**
 * The public key for a secret one that a stopped run left without it. The secret key must be as this program
 * makes them, for this user alone: anybody else who can read it, or has put it there, could sign with it.
 * @throws FILE_EXISTS, and what opening it throws
 */
async function leftAlone(file: string, passphrase: KeyGenerateRequest['passphrase']): Promise<PublicKey> {
  const { uid, mode } = await lstat(file)
  const isOwn = process.platform === 'win32' || (uid === process.getuid?.() && (mode & 0o077) === 0)
  if (!isOwn) throw inTheWay(file)
  try {
    const [key] = await readSecretKeys([file], passphrase)
    if (key) return publicKeyOf(key)
  } catch (error) {
    if (!hasCode(error, 'KEY_INVALID', 'NOT_A_FILE', 'DOCUMENT_TOO_LARGE')) throw error
  }
  throw inTheWay(file)
}

/** `site.key` and `site.pub`. */
function publicName(file: string): string {
  const { dir, name, ext } = path.parse(file)
  return path.join(dir, `${ext === '.key' ? name : name + ext}.pub`)
}

function inTheWay(file: string): ContainerImageError {
  return new ContainerImageError('FILE_EXISTS', `There is ${show(file)} already.`, {
    side: 'destination',
    expected: 'no file of this name',
    found: 'a file',
    remedy: `Choose another name. With ${option('force')} it is overwritten, and what it has signed cannot be signed again.`,
  })
}
