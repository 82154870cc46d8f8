import { parsePercent, parseVolumeSize } from '../../manifests/index.js'
import type { SaveRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'

/** How a save is cut into volumes. */
export const VOLUMES: Record<string, OptionDefinition> = {
  'volume-size': {
    type: 'value',
    placeholder: 'SIZE',
    describe: 'Cut it into files: 650m, 4g, fat32, dvd or bd',
    more: 'SIZE is the most that a file may take; fat32 is 4 GiB, dvd and bd are one disc with UDF',
  },
  recovery: {
    type: 'value',
    placeholder: 'PERCENT',
    describe: 'Add recovery files for losses up to this: 10%',
    more: 'PAR2 files, which can restore this much if it is lost',
  },
  'only-volume': {
    type: 'value',
    placeholder: 'NUMBER',
    describe: 'With --volume-size: only this volume',
    more: 'Such as one that was lost',
  },
}

/** @throws USAGE */
export function volumesOf(args: Arguments): Pick<SaveRequest, 'volumeSize' | 'onlyVolume' | 'recovery'> {
  const size = args.text('volume-size')
  const only = args.text('only-volume')
  const recovery = args.text('recovery')
  if (only !== undefined && size === undefined)
    throw usage('--only-volume needs the --volume-size of its set.', ['save'])
  return {
    volumeSize: size === undefined ? undefined : volumeSize(size),
    onlyVolume: only === undefined ? undefined : volumeNumber(only),
    recovery: recovery === undefined ? undefined : percent(recovery),
  }
}

function volumeSize(text: string): number {
  const size = parseVolumeSize(text)
  if (size !== undefined) return size
  throw usage(
    `--volume-size takes a size such as 650m or 4g, or fat32, dvd, bd, not ${JSON.stringify(text)}.`,
    ['save'],
  )
}

/** @throws USAGE */
export function percent(text: string): number {
  const value = parsePercent(text)
  if (value !== undefined) return value
  throw usage(`--recovery takes a percentage up to 100%, such as 10%, not ${JSON.stringify(text)}.`, ['save'])
}

function volumeNumber(text: string): number {
  const number = Number(text)
  if (/^\d{1,3}$/.test(text) && number > 0) return number
  throw usage(`--only-volume takes the number of a volume, not ${JSON.stringify(text)}.`, ['save'])
}
