import type { SaveRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** For whom a save is encrypted. */
export const ENCRYPTION: Record<string, OptionDefinition> = {
  'encrypt-to': {
    type: 'list',
    placeholder: 'RECIPIENT',
    describe: 'Encrypt each file, as age does: age1...',
    more: 'Only the identity of a recipient opens them, in this program or with age; given several times, each of them does',
  },
  recipients: {
    type: 'list',
    placeholder: 'FILE',
    describe: 'Encrypt to all recipients in this file',
    more: 'One a line, as age -R takes them',
    offer: 'files',
  },
}

export function encryptionOf(args: Arguments): Pick<SaveRequest, 'encryptTo' | 'recipients'> {
  return { encryptTo: args.list('encrypt-to'), recipients: args.list('recipients') }
}
