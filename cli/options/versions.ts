import type { VersionOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** The version parameters; without any, the newest version is meant. */
export const VERSIONS: Record<string, OptionDefinition> = {
  'required-version': {
    type: 'value',
    placeholder: 'VERSION',
    describe: 'This version, or the newest matching 10.0.*',
    aliases: ['version'],
  },
  'minimum-version': { type: 'value', placeholder: 'VERSION', describe: 'No version below this one' },
  'maximum-version': { type: 'value', placeholder: 'VERSION', describe: 'No version above this one' },
  'all-versions': { type: 'switch', describe: 'All versions, not only the newest' },
}

export function versionsOf(args: Arguments): VersionOptions {
  return {
    requiredVersion: args.text('required-version'),
    minimumVersion: args.text('minimum-version'),
    maximumVersion: args.text('maximum-version'),
    allVersions: args.flag('all-versions'),
  }
}
