import { defined } from '../context/defined.js'
import type { EngineOptions } from '../engine/engine.js'
import type { CommonOptions, EngineRequest } from '../requests.js'

/** How a request wants its engine to be reached. */
export function engineOptions({
  engineAddress: address,
  namespace,
  signal,
}: EngineRequest & Pick<CommonOptions, 'signal'>): EngineOptions {
  return defined({ address, namespace, signal })
}
