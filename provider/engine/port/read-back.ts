import { ContainerImageError, engineName } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import type { Engine, EngineImage } from './engine.js'
import { type EngineBound, engineBound } from './planned.js'

/**
 * Asks an engine what it has now under the names that were given, and compares the images with those that
 * were sent: id and layers.
 * @throws ENGINE_MISMATCH, ENGINE_UNREACHABLE
 */
export async function checkLoaded(engine: Engine, plan: CopyPlan, signal?: AbortSignal): Promise<void> {
  const images = await engine.images({ signal })
  const byName = new Map(images.flatMap((image) => image.names.map((name) => [name, image] as const)))
  for (const bound of engineBound(plan))
    for (const name of bound.planned.names)
      checkOne(engine, engineName(name), byName.get(engineName(name)), bound)
}

function checkOne(engine: Engine, name: string, found: EngineImage | undefined, bound: EngineBound): void {
  const expected = bound.manifest.config.digest
  if (!found) throw mismatch(`${engine.label} does not list ${name}.`, expected, 'no such name')
  if (!isSameImage(found, bound))
    throw mismatch(`${name} is another image in ${engine.label}.`, expected, found.id)
  const layers = bound.diffIds.join(' ')
  if (found.diffIds.join(' ') !== layers)
    throw mismatch(`${name} has other layers in ${engine.label}.`, layers, found.diffIds.join(' '))
}

/** A store that keeps digests shows the manifest's, or the index's, where others show the config's. */
export function isSameImage(
  { id }: EngineImage,
  { manifest, manifestDescriptor, planned }: EngineBound,
): boolean {
  return [manifest.config.digest, manifestDescriptor.digest, planned.root.digest].includes(id)
}

function mismatch(message: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('ENGINE_MISMATCH', message, { side: 'destination', expected, found })
}
