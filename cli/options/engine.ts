import type { EngineRequest, LoadOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

const ENGINES = ['docker', 'podman', 'containerd', 'auto'] as const

/** Which engine, and how it is reached. */
export const ENGINE: Record<string, OptionDefinition> = {
  engine: {
    type: 'value',
    placeholder: 'ENGINE',
    describe: 'docker, podman, containerd, or auto',
    more: 'auto is the first that answers',
    values: ENGINES,
  },
  'engine-address': {
    type: 'value',
    placeholder: 'ADDRESS',
    describe: 'Socket or address; default: as for its own client',
    more: "The default is where the engine's own client looks",
  },
  namespace: {
    type: 'value',
    placeholder: 'NAMESPACE',
    describe: 'containerd only: such as k8s.io on Kubernetes',
    more: 'The namespace where containerd keeps the images',
  },
}

/** How images get into one. */
export const LOADING: Record<string, OptionDefinition> = {
  repository: {
    type: 'value',
    placeholder: 'NAME',
    describe: 'Name for the image in the engine',
    more: 'Such as mcr.microsoft.com/windows/nanoserver',
  },
  pin: { type: 'switch', describe: 'containerd only: keep from garbage collection' },
}

export function engineOf(args: Arguments): EngineRequest {
  return {
    engine: ENGINES.find((engine) => engine === args.text('engine')),
    engineAddress: args.text('engine-address'),
    namespace: args.text('namespace'),
  }
}

export function loadingOf(args: Arguments): LoadOptions {
  return { ...engineOf(args), repository: args.text('repository'), pin: args.flag('pin') }
}
