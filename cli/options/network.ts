import type { NetworkOptions, ReferrersOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'

/** How registries and URLs are reached. */
export const NETWORK: Record<string, OptionDefinition> = {
  'ca-file': {
    type: 'value',
    placeholder: 'FILE',
    describe: 'PEM file of authorities to trust as well',
    more: "They are trusted besides the system's",
    offer: 'files',
  },
  insecure: { type: 'switch', describe: 'Allow plain http to other machines' },
  username: {
    type: 'value',
    placeholder: 'USER',
    describe: 'User at the registry; needs --password-stdin',
    more: 'Only the one registry that this run names gets it',
  },
  'password-stdin': { type: 'switch', describe: 'Read the password of --username from stdin' },
  'client-cert': {
    type: 'value',
    placeholder: 'FILE',
    describe: 'PEM file of a client certificate for the registry',
    more: 'Only the one registry that this run names sees it; it needs --client-key',
    offer: 'files',
  },
  'client-key': {
    type: 'value',
    placeholder: 'FILE',
    describe: 'PEM file of the key for --client-cert',
    offer: 'files',
  },
}

/** What commands that fetch layers take in addition. */
export const FOREIGN: Record<string, OptionDefinition> = {
  'allow-foreign-host': {
    type: 'list',
    placeholder: 'HOST',
    describe: 'A host that foreign layers may come from',
    more: 'It may be repeated',
  },
  'no-foreign': { type: 'switch', describe: 'Leave foreign layers out' },
}

export function networkOf(args: Arguments): NetworkOptions {
  return {
    caFile: args.text('ca-file'),
    insecure: args.flag('insecure'),
    allowForeignHosts: args.list('allow-foreign-host'),
    noForeign: args.flag('no-foreign'),
    ...loginOf(args),
    ...clientCertificateOf(args),
  }
}

function loginOf(args: Arguments): Pick<NetworkOptions, 'login'> {
  const username = args.text('username')
  const { password } = args
  return username === undefined || password === undefined ? {} : { login: { username, password } }
}

function clientCertificateOf(args: Arguments): Pick<NetworkOptions, 'clientCertificate'> {
  const certFile = args.text('client-cert')
  const keyFile = args.text('client-key')
  if (certFile === undefined && keyFile === undefined) return {}
  if (certFile === undefined || keyFile === undefined)
    throw usage('--client-cert and --client-key belong together.', args.path)
  return { clientCertificate: { certFile, keyFile } }
}

/** What commands that move images accept as well. */
export const REFERRERS: Record<string, OptionDefinition> = {
  'no-referrers': { type: 'switch', describe: 'Leave out signatures and other referrers' },
  'require-referrers': {
    type: 'switch',
    describe: 'Fail if signatures and the like cannot be fetched',
    more: 'Without it they are left out with a note',
  },
}

export function referrersOf(args: Arguments): ReferrersOptions {
  return { noReferrers: args.flag('no-referrers'), requireReferrers: args.flag('require-referrers') }
}
