import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** For commands that take images from somewhere. */
export const GATE: Record<string, OptionDefinition> = {
  gate: {
    type: 'value',
    placeholder: 'COMMAND',
    describe: "Check it first, as with 'clamscan -r {}'",
    more: 'COMMAND gets a private folder with the files in place of {}, and refuses them with any exit code but 0. The default is the setting gate; an empty COMMAND means none',
  },
}

export function gateOf(args: Arguments): { gate: string | undefined } {
  return { gate: args.text('gate') }
}
