import path from 'node:path'
import { ContainerImageError, option, SUMS_FILE } from '../../../manifests/index.js'
import { whileListing } from '../../formats/media/lock.js'
import { openMedia } from '../../formats/media/media.js'
import { inContext } from '../../session/context.js'
import { readSecretKeys } from '../../trust/keys/read-secret-key.js'
import { signMedia } from '../../trust/sign/sign-media.js'
import { checkIsMedia } from '../media-remove/check-is-media.js'
import type { MediaSignRequest, MediaSignResult } from './request.js'

/**
 * Signs an existing media: its list of sums, after comparing everything on it with that list.
 * @throws KEY_INVALID, PASSPHRASE_WRONG, FILE_CHANGED, FILE_EXTRA, FILE_MISSING, LAYOUT_INVALID, PATH_NOT_FOUND
 */
export async function mediaSign(request: MediaSignRequest): Promise<MediaSignResult> {
  return await inContext(request, async ({ hasher }) => {
    const { sign = [], passphrase, signal, whatIf } = request
    if (sign.length === 0) throw noKey()
    const root = path.resolve(request.path)
    await checkIsMedia(root, request.path)
    const keys = await readSecretKeys(sign, passphrase)
    const media = await openMedia(root)
    const list = path.join(root, SUMS_FILE)
    if (whatIf) return { list, signatures: keys.map(({ id }) => ({ path: '', keyId: id, size: 0 })) }
    const signatures = await whileListing(media, signal, (lock) =>
      signMedia(root, keys, { hasher, lock, signal }),
    )
    return { list, signatures }
  })
}

function noKey(): ContainerImageError {
  return new ContainerImageError('USAGE', 'No key to sign the media with was named.', {
    expected: `${option('sign')} and a secret key`,
    found: 'none',
  })
}
