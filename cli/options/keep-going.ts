import type { OptionDefinition } from '../command/command.js'

export const KEEP_GOING: OptionDefinition = {
  type: 'switch',
  describe: 'Carry on with the rest if one image fails',
  more: 'What failed, and why, is listed at the end',
}
