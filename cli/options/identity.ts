import type { OptionDefinition } from '../command/command.js'

/** Of commands that open files. */
export const IDENTITY: Record<string, OptionDefinition> = {
  identity: {
    type: 'list',
    placeholder: 'FILE',
    describe: 'Open encrypted files with this key of age',
    more: 'As age-keygen makes it, and with nothing else',
    offer: 'files',
  },
}
