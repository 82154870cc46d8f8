import type { OptionDefinition } from '../command/command.js'

/** For commands that open files. */
export const IDENTITY: Record<string, OptionDefinition> = {
  identity: {
    type: 'list',
    placeholder: 'FILE',
    describe: 'Open encrypted files with this age key',
    more: 'A file as age-keygen makes it, with nothing else in it',
    offer: 'files',
  },
}
