import type { OptionDefinition } from '../command/command.js'

export const KEEP_GOING: OptionDefinition = {
  type: 'switch',
  describe: 'If one image fails, go on with the rest, and say at the end what failed and why',
}
