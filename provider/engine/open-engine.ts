import { ContainerImageError, hasCode, option, show } from '../../manifests/index.js'
import { ENGINE_KINDS, type Engine, type EngineKind, type EngineOptions } from './port/engine.js'

/** One engine, or the first that answers. */
export type EngineChoice = EngineKind | 'auto'

/** Loaded late: an engine's client is large, and most runs need none. */
const OPENERS: Record<EngineKind, (options: EngineOptions) => Promise<Engine>> = {
  docker: async (options) => (await import('./docker/open.js')).openDocker(options),
  podman: async (options) => (await import('./podman/open.js')).openPodman(options),
  containerd: async (options) => (await import('./containerd/open.js')).openContainerd(options),
}

/**
 * Connects to an engine and asks for its version, so that what is returned has answered.
 * @throws ENGINE_UNREACHABLE with each engine that was tried, ENGINE_REFUSED, USAGE
 */
export async function openEngine(choice: EngineChoice, options: EngineOptions = {}): Promise<Engine> {
  if (choice !== 'auto') return await OPENERS[choice](options)
  if (options.address !== undefined) throw addressOfNone(options.address)
  const tried: string[] = []
  for (const kind of ENGINE_KINDS) {
    try {
      return await OPENERS[kind](options)
    } catch (error) {
      if (!hasCode(error, 'ENGINE_UNREACHABLE')) throw error
      tried.push(`${kind}: ${(error as ContainerImageError).message}`)
    }
  }
  throw new ContainerImageError('ENGINE_UNREACHABLE', 'No engine answers on this machine.', {
    side: 'destination',
    expected: `one of ${ENGINE_KINDS.join(', ')}`,
    found: tried.join(' '),
    remedy: `Start one of them, or name it with ${option('engine')} and its address with ${option('engineAddress')}.`,
  })
}

function addressOfNone(address: string): ContainerImageError {
  return new ContainerImageError('USAGE', 'An address belongs to one kind of engine.', {
    expected: `${option('engine')} ${ENGINE_KINDS.join('|')} with ${option('engineAddress')}`,
    found: `${option('engine')} auto with ${show(address)}`,
  })
}
