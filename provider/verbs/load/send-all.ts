import { ContainerImageError } from '../../../manifests/index.js'
import { refuseOnePlace, refuseOneRepository } from '../../choice/same-place.js'
import { openEngine } from '../../engine/open-engine.js'
import type { Engine } from '../../engine/port/engine.js'
import { gateBefore } from '../../gate/gate.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { engineOptions } from '../../targets/engine-options.js'
import { scratchOf } from '../../targets/open-options.js'
import { joinedResults } from './joined-results.js'
import type { PlannedLoad } from './planned-load.js'
import type { LoadResult } from './request.js'
import { type LoadingRequest, sendToEngine } from './send-to-engine.js'

/** @throws ENGINE_UNREACHABLE */
export async function withEngine<T>(
  context: Context,
  request: LoadingRequest,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const options = { ...engineOptions(request), scratch: scratchOf(context) }
  const engine = await openEngine(request.engine ?? 'auto', options)
  return await closing(engine, () => work(engine))
}

/**
 * Sends them one after the other, once it is clear that none conflicts with another.
 * @throws AMBIGUOUS_NAME, USAGE and what sending throws
 */
export async function sendAll(
  context: Context,
  engine: Engine,
  planned: PlannedLoad[],
  request: LoadingRequest,
): Promise<LoadResult> {
  refuseOneRepository(
    request.repository,
    planned.flatMap(({ names }) => names),
  )
  for (const { plan } of planned) refuseOnePlace(plan.images)
  refuseOnePlace(
    planned.flatMap(({ plan, from }) => plan.images.map((image) => ({ ...image, from }))),
    'Load them in two runs: the second tells which name it moves.',
  )
  if (!request.whatIf)
    for (const { source, plan } of planned) await gateBefore(context, source, plan, request)
  const results: LoadResult[] = []
  for (const one of planned) {
    await one.check?.()
    const bytes = await sendToEngine(engine, one.source, one.plan, request)
    results.push({ engine: engine.kind, engineLabel: engine.label, images: one.images(), ...bytes })
  }
  const [first, ...others] = results
  if (!first) throw new ContainerImageError('UNEXPECTED', 'There is nothing to load.')
  const joined = joinedResults([first, ...others])
  return context.verdict ? { ...joined, gate: context.verdict } : joined
}
