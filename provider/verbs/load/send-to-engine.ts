import { type Descriptor, engineName, formatPlatform } from '../../../manifests/index.js'
import { copy } from '../../copy/copy.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import { openEngine } from '../../engine/open-engine.js'
import type { Engine } from '../../engine/port/engine.js'
import { checkFits } from '../../engine/port/fits.js'
import { engineBound } from '../../engine/port/planned.js'
import { checkLoaded } from '../../engine/port/read-back.js'
import type { GateRequest } from '../../gate/command.js'
import { closing } from '../../io/closing/closing.js'
import type { CommonOptions } from '../../session/options.js'
import { engineOptions } from '../../targets/engine-options.js'
import { movesInEngine } from './moved-names.js'
import type { LoadOptions, LoadResult } from './request.js'

/** What decides how images are loaded, for any verb. */
export type LoadingRequest = CommonOptions & LoadOptions & GateRequest & { noLatest?: boolean }

/** For what-if, for images that are not in the store yet. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function wouldLoad(plan: CopyPlan, request: LoadingRequest): Promise<LoadResult> {
  const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
  return await closing(engine, async () => {
    checkFits(engine, plan)
    const sentBytes = totalOf(await engine.lacks(plan, { signal: request.signal }))
    const reusedBytes = Math.max(0, totalOf(layersOf(plan)) - sentBytes)
    const moved = await movesInEngine(engine, plan, request.signal)
    return { ...loadedOf(engine, plan), moved, sentBytes, reusedBytes }
  })
}

/** Why an artifact is not loaded into an engine. */
export function enginesWord({ kind }: Pick<Engine, 'kind'>): string {
  return `${kind} takes images alone`
}

/** Images of a plan as the result of a load lists them. */
export function loadedOf(engine: Engine, plan: CopyPlan): Omit<LoadResult, 'sentBytes' | 'reusedBytes'> {
  const images = engineBound(plan).map(({ planned, manifest, config }) => ({
    name: planned.names[0]?.repository ?? '',
    version: planned.names[0]?.tag ?? '',
    digest: planned.root.digest,
    id: manifest.config.digest,
    tags: planned.names.map(engineName),
    platform: formatPlatform(config),
  }))
  return { engine: engine.kind, engineLabel: engine.label, images }
}

/** Copies a plan into an engine and reads it back; for a what-if only counts. */
export async function sendToEngine(
  engine: Engine,
  source: ImageSource,
  plan: CopyPlan,
  request: LoadingRequest,
): Promise<Pick<LoadResult, 'moved' | 'sentBytes' | 'reusedBytes'>> {
  const { signal, onProgress, pin } = request
  const total = totalOf(layersOf(plan))
  checkFits(engine, plan)
  const moved = await movesInEngine(engine, plan, signal)
  if (request.whatIf) {
    const lacking = totalOf(await engine.lacks(plan, { signal }))
    return { moved, sentBytes: lacking, reusedBytes: Math.max(0, total - lacking) }
  }
  const sink = engine.sink({ pin })
  await copy(source, plan, sink, { task: `Loading into ${engine.label}`, signal, onProgress })
  await checkLoaded(engine, plan, signal)
  return { moved, sentBytes: sink.sentBytes, reusedBytes: Math.max(0, total - sink.sentBytes) }
}

/** The layers that an engine runs images from: for an index those of one image, each once. */
function layersOf(plan: CopyPlan): Descriptor[] {
  const layers = engineBound(plan).flatMap(({ manifest }) => manifest.layers)
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
}

function totalOf(descriptors: { size: number }[]): number {
  return descriptors.reduce((sum, { size }) => sum + size, 0)
}
