import { ContainerImageError, option } from '../../../manifests/index.js'
import type { Base } from '../../delta/base/base.js'
import { readBase } from '../../delta/base/read-base.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { openOptions } from '../../targets/open-options.js'
import { rootChoice } from '../../targets/targets.js'
import type { SecretKey } from '../../trust/minisign/secret-key.js'
import type { SaveRequest } from './request.js'

/** A save request whose bases have been read. */
export interface SavingRequest extends SaveRequest {
  bases?: Base[] | undefined
  /** The keys to sign with, open. */
  keys?: SecretKey[]
  /** Keeps what fails, if the run goes on; without it the first failure ends the run. */
  failures?: Failures
}

/**
 * Keys are opened before anything is saved.
 * @throws as `readSecretKeys`; USAGE if there is nothing that could be signed
 */
export async function withKeys(request: SaveRequest): Promise<SavingRequest> {
  const { sign = [], passphrase, onlyVolume } = request
  if (sign.length > 0 && onlyVolume !== undefined)
    throw new ContainerImageError('USAGE', 'A set of volumes is signed as a whole.', {
      expected: `${option('sign')} without ${option('onlyVolume')}`,
      found: 'both',
    })
  if (sign.length === 0) return request
  const { readSecretKeys } = await import('../../trust/keys/read-secret-key.js')
  return { ...request, keys: await readSecretKeys(sign, passphrase) }
}

/** @throws PATH_NOT_FOUND, INVALID_DOCUMENT and what opening an archive throws */
export async function withBases(context: Context, request: SavingRequest): Promise<SavingRequest> {
  if (!request.base || request.base.length === 0) return request
  const choice = await rootChoice(request)
  const options = await openOptions(context, {})
  const bases: Base[] = []
  for (const file of request.base) bases.push(await readBase(context, file, choice, options))
  return { ...request, bases }
}
