import { ContainerImageError } from '../../../manifests/index.js'
import type { Engine, EngineOptions } from '../engine.js'

/** Connects to containerd. @throws ENGINE_UNREACHABLE */
export async function openContainerd(_options: EngineOptions): Promise<Engine> {
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'containerd is not supported yet.', {
    side: 'destination',
  })
}
