import type { PolicyOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** What commands that move images demand of them. */
export const POLICY: Record<string, OptionDefinition> = {
  policy: {
    type: 'value',
    placeholder: 'FILE',
    describe: 'Take only images that are signed as this file says',
    more: 'In YAML or JSON, or a policy.json as podman has it; default: the one in the settings, else none',
    offer: 'files',
  },
}

export function policyOf(args: Arguments): PolicyOptions {
  return { policy: args.text('policy') }
}
