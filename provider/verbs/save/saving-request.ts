import type { Base } from '../../delta/base/base.js'
import { readBase } from '../../delta/base/read-base.js'
import type { Context } from '../../session/context.js'
import type { Failures } from '../../session/failures.js'
import { openOptions } from '../../targets/open-options.js'
import { rootChoice } from '../../targets/targets.js'
import type { SaveRequest } from './request.js'

/** A save request whose bases have been read. */
export interface SavingRequest extends SaveRequest {
  bases?: Base[] | undefined
  /** Keeps what fails, if the run goes on; without it the first failure ends the run. */
  failures?: Failures
}

/** @throws PATH_NOT_FOUND, INVALID_DOCUMENT and what opening an archive throws */
export async function withBases(context: Context, request: SaveRequest): Promise<SavingRequest> {
  if (!request.base || request.base.length === 0) return request
  const choice = await rootChoice(request)
  const options = await openOptions(context, {})
  const bases: Base[] = []
  for (const file of request.base) bases.push(await readBase(file, choice, options))
  return { ...request, bases }
}
