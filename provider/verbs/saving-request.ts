import type { Base } from '../base/base.js'
import { readBase } from '../base/read-base.js'
import type { Context } from '../context/context.js'
import type { SaveRequest } from '../requests.js'
import { openOptions } from './open-options.js'
import { rootChoice } from './targets.js'

/** A request to save whose bases have been read. */
export interface SavingRequest extends SaveRequest {
  bases?: Base[]
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
