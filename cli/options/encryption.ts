import type { SaveRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** Options that say for whom a save is encrypted. */
export const ENCRYPTION: Record<string, OptionDefinition> = {
  'encrypt-to': {
    type: 'list',
    placeholder: 'RECIPIENT',
    describe: 'Encrypt each file, as age does: age1...',
    more: 'Only the identity of a recipient opens them, in this program or with age; if given several times, each of the identities does',
  },
  recipients: {
    type: 'list',
    placeholder: 'FILE',
    describe: 'Encrypt to all recipients in this file',
    more: 'One per line, as for age -R',
    offer: 'files',
  },
}

export function encryptionOf(args: Arguments): Pick<SaveRequest, 'encryptTo' | 'recipients'> {
  return { encryptTo: args.list('encrypt-to'), recipients: args.list('recipients') }
}
