import { ContainerImageError } from '../../../manifests/index.js'
import type { Engine, EngineOptions } from '../engine.js'

/** Connects to docker. @throws ENGINE_UNREACHABLE */
export async function openDocker(_options: EngineOptions): Promise<Engine> {
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'docker is not supported yet.', { side: 'destination' })
}
