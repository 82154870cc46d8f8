import { ContainerImageError } from '../../../manifests/index.js'
import type { Engine, EngineOptions } from '../engine.js'

/** Connects to podman. @throws ENGINE_UNREACHABLE */
export async function openPodman(_options: EngineOptions): Promise<Engine> {
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'podman is not supported yet.', { side: 'destination' })
}
