import type { PolicyOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** What commands that move images demand of them. */
export const POLICY: Record<string, OptionDefinition> = {
  policy: {
    type: 'value',
    placeholder: 'FILE',
    describe: 'Accept only images signed as this file demands',
    more: 'YAML or JSON, or a policy.json from podman; default: the one in the settings, or else none',
    offer: 'files',
  },
}

export function policyOf(args: Arguments): PolicyOptions {
  return { policy: args.text('policy') }
}
