import type { LookRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition, PositionalDefinition } from '../command/command.js'
import { IDENTITY } from './identity.js'
import { PLATFORM, SOURCE } from './images.js'
import { NETWORK, networkOf } from './network.js'
import { INDEX } from './wim.js'

/** The image that a command looks into. */
export const ONE_IMAGE: PositionalDefinition = {
  name: 'name',
  called: 'an image: its name, or the path of an archive',
  required: true,
  stdin: true,
  describe: 'name[:tag], a digest, a full reference, or the path of an archive',
  offer: 'installed',
}

/** For commands that look into one image. */
export const LOOK: Record<string, OptionDefinition> = {
  platform: PLATFORM,
  index: INDEX,
  'required-version': {
    type: 'value',
    placeholder: 'V',
    describe: 'For a file that does not say its version',
    parameters: ['Version'],
  },
  source: { ...SOURCE, describe: 'Where to look for the name; default: what is installed' },
  ...IDENTITY,
  ...NETWORK,
}

export function lookOf(args: Arguments): LookRequest {
  return {
    ...networkOf(args),
    name: args.required('name'),
    platform: args.text('platform'),
    source: args.text('source'),
    index: args.text('index'),
    version: args.text('required-version'),
  }
}
