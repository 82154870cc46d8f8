import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, option, show } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import { publicKeyFile, publicKeyLine } from '../../trust/minisign/public-key.js'
import { generateSecretKey, publicKeyOf, secretKeyFile } from '../../trust/minisign/secret-key.js'
import type { KeyGenerateRequest, KeyGenerateResult } from './request.js'

/**
 * Makes a pair of keys in minisign's own files: the secret one, which only this user may read, and beside it the public one,
 * which the other side needs.
 * @throws FILE_EXISTS, USAGE without a passphrase where one is wanted; NO_SPACE, PERMISSION_DENIED
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
  for (const one of [secretFile, publicFile]) if (!force && existsSync(one)) throw inTheWay(one)
  const key = generateSecretKey()
  const own = publicKeyOf(key)
  const result = { path: secretFile, publicPath: publicFile, id: own.id, publicKey: publicKeyLine(own) }
  if (whatIf) return { ...result, id: '', publicKey: '' }
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
    await replaceFile(publicFile, publicKeyFile(own))
  })
  return result
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
