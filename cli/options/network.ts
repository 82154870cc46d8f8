import type { NetworkOptions } from '../../provider/index.js'
import type { Arguments } from '../arguments.js'
import type { OptionDefinition } from '../command.js'

/** How registries and URLs are reached. */
export const NETWORK: Record<string, OptionDefinition> = {
  'ca-file': {
    type: 'value',
    placeholder: 'FILE',
    describe: "PEM file of authorities to trust beside the system's",
    offer: 'files',
  },
  insecure: { type: 'switch', describe: 'Allow plain http to hosts other than this machine' },
}

/** What commands that fetch layers take besides. */
export const FOREIGN: Record<string, OptionDefinition> = {
  'allow-foreign-host': {
    type: 'list',
    placeholder: 'HOST',
    describe: 'A host that foreign layers may be fetched from; may be repeated',
  },
  'no-foreign': { type: 'switch', describe: 'Leave foreign layers out' },
}

export function networkOf(args: Arguments): NetworkOptions {
  return {
    caFile: args.text('ca-file'),
    insecure: args.flag('insecure'),
    allowForeignHosts: args.list('allow-foreign-host'),
    noForeign: args.flag('no-foreign'),
  }
}
