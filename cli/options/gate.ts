import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** Of commands that take images from somewhere. */
export const GATE: Record<string, OptionDefinition> = {
  gate: {
    type: 'value',
    placeholder: 'COMMAND',
    describe: "Have it looked at first: 'clamscan -r {}'",
    more: 'COMMAND gets a private folder with the files in place of {}, and refuses them by any exit code but 0; without the option the setting gate says which, and an empty one means none',
  },
}

export function gateOf(args: Arguments): { gate: string | undefined } {
  return { gate: args.text('gate') }
}
