import { parseSize } from '../../manifests/index.js'
import type { WimCompression } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'

/** Which of the images in a WIM. */
export const INDEX: OptionDefinition = {
  type: 'value',
  placeholder: 'IMAGE',
  describe: 'WIM only: number, name or edition of its image',
  more: 'Numbers start at 1; inspect lists the images',
}

/** Where to find the rest of the WIMs that a command reads. */
export const REF: OptionDefinition = {
  type: 'list',
  placeholder: 'FILE',
  describe: 'WIM only: its other parts, or the base of a delta',
  more: 'A file, or a pattern such as p*.swm',
  offer: 'files',
}

/** How a WIM is written. */
export const WIM: Record<string, OptionDefinition> = {
  'wim-compress': {
    type: 'value',
    placeholder: 'HOW',
    describe: 'WIM only: none, xpress (default) or lzx',
    more: 'lzx is smaller and takes longer',
    values: ['none', 'xpress', 'lzx'],
  },
  integrity: {
    type: 'switch',
    describe: 'WIM only: add an integrity table',
    more: 'It lets other programs detect damage',
  },
  split: {
    type: 'value',
    placeholder: 'SIZE',
    describe: 'WIM only: parts of at most this size: 650m, 4g',
    more: 'They are NAME.swm, NAME2.swm and so on. Sizes are decimal, as on sticks',
  },
  'skip-unsupported': {
    type: 'switch',
    describe: 'WIM only: skip and list what no WIM can hold',
  },
}

export interface WimWishes {
  wimCompress?: WimCompression
  integrity?: boolean
  splitSize?: number
  skipUnsupported?: boolean
}

/** @throws USAGE */
export function wimOf(args: Arguments): WimWishes {
  const compress = args.text('wim-compress')
  const split = args.text('split')
  return {
    wimCompress: compress === 'none' || compress === 'xpress' || compress === 'lzx' ? compress : undefined,
    integrity: args.flag('integrity'),
    splitSize: split === undefined ? undefined : partSize(split),
    skipUnsupported: args.flag('skip-unsupported'),
  }
}

/** Parts smaller than this would have more headers than content. */
const LEAST_PART = 1_000_000
function partSize(text: string): number {
  const size = parseSize(text)
  if (size !== undefined && size >= LEAST_PART) return size
  throw usage(`--split takes a size of at least 1m, such as 650m or 4g, not ${JSON.stringify(text)}.`, [
    'save',
  ])
}
