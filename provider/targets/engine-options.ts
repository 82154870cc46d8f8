import type { EngineOptions } from '../engine/port/engine.js'
import type { CommonOptions, EngineRequest } from '../session/options.js'

/** How a request reaches its engine. */
export function engineOptions({
  engineAddress: address,
  namespace,
  signal,
}: EngineRequest & Pick<CommonOptions, 'signal'>): EngineOptions {
  return { address, namespace, signal }
}
