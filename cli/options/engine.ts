import type { EngineRequest, LoadOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

const ENGINES = ['docker', 'podman', 'containerd', 'auto'] as const

/** Which engine, and how it is reached. */
export const ENGINE: Record<string, OptionDefinition> = {
  engine: {
    type: 'value',
    placeholder: 'ENGINE',
    describe: 'docker, podman, containerd, or auto for the first that answers',
    values: ENGINES,
  },
  'engine-address': {
    type: 'value',
    placeholder: 'ADDRESS',
    describe: "Its socket or address; where the engine's own client would look where left out",
  },
  namespace: {
    type: 'value',
    placeholder: 'NAMESPACE',
    describe: 'Of containerd: default, or k8s.io on a node of Kubernetes',
  },
}

/** How images get into one. */
export const LOADING: Record<string, OptionDefinition> = {
  repository: {
    type: 'value',
    placeholder: 'NAME',
    describe: 'The name that the engine shall know an image by, such as mcr.microsoft.com/windows/nanoserver',
  },
  pin: { type: 'switch', describe: 'Of containerd: keep the images from garbage collection' },
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
