import { type Digest, engineName } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import type { Engine, EngineImage } from '../../engine/port/engine.js'
import { type EngineBound, engineBound } from '../../engine/port/planned.js'
import { isSameImage } from '../../engine/port/read-back.js'
import { splitTag } from '../../names/split-tag.js'
import type { MovedName } from '../../store/moved-names.js'

/**
 * The names that images of a plan would currently take from others in an engine. @throws ENGINE_UNREACHABLE
 */
export async function movesInEngine(
  engine: Engine,
  plan: CopyPlan,
  signal?: AbortSignal,
): Promise<MovedName[]> {
  const images = await engine.images({ signal })
  const before = new Map(images.flatMap((image) => image.names.map((name) => [name, image] as const)))
  return engineBound(plan).flatMap((bound) =>
    bound.planned.names.map(engineName).flatMap((tag) => {
      const there = before.get(tag)
      return there && !isSameImage(there, bound) ? [moveOf(tag, there, bound)] : []
    }),
  )
}

function moveOf(tag: string, there: EngineImage, { planned, manifest }: EngineBound): MovedName {
  const to: Digest = manifest.config.digest
  return {
    tag,
    from: there.id,
    ...versionIn('fromVersion', tag, there.names),
    to,
    ...versionIn('toVersion', tag, planned.names.map(engineName)),
  }
}

/** An engine does not know an image's version: a tag of the same repository gives it. */
function versionIn<K extends 'fromVersion' | 'toVersion'>(
  key: K,
  name: string,
  names: string[],
): Partial<Record<K, string>> {
  const repository = splitTag(name).name
  const own = names.map(splitTag).filter((one) => one.name === repository)
  const version = own.find(({ tag }) => tag !== undefined && tag !== 'latest')?.tag
  return version === undefined ? {} : ({ [key]: version } as Record<K, string>)
}
