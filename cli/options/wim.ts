import { parseSize } from '../../manifests/index.js'
import type { WimCompression } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import { usage } from '../command/usage.js'

/** Of the images that a WIM has. */
export const INDEX: OptionDefinition = {
  type: 'value',
  placeholder: 'IMAGE',
  describe: 'WIM only: which of its images, by index from 1, name or edition, as inspect lists them',
}

/** Of the WIMs that a command reads: where the rest of them is. */
export const REF: OptionDefinition = {
  type: 'list',
  placeholder: 'FILE',
  describe:
    'WIM only: where to look for its other parts, and for what a delta lacks; also a pattern such as p*.swm',
  offer: 'files',
}

/** How a WIM is written. */
export const WIM: Record<string, OptionDefinition> = {
  'wim-compress': {
    type: 'value',
    placeholder: 'HOW',
    describe: 'WIM only: how to compress it; default: xpress; lzx is smaller and takes longer',
    values: ['none', 'xpress', 'lzx'],
  },
  integrity: {
    type: 'switch',
    describe: 'WIM only: add an integrity table, so that other programs can find damage',
  },
  split: {
    type: 'value',
    placeholder: 'SIZE',
    describe:
      'WIM only: write parts of at most this size, NAME.swm, NAME2.swm ...: 650m, 4g (decimal, as on sticks)',
  },
  'skip-unsupported': {
    type: 'switch',
    describe: 'WIM only: skip what the format cannot hold, and list it',
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

/** Parts smaller than this are more headers than content. */
const LEAST_PART = 1_000_000
function partSize(text: string): number {
  const size = parseSize(text)
  if (size !== undefined && size >= LEAST_PART) return size
  throw usage(`--split takes a size of at least 1m, such as 650m or 4g, not ${JSON.stringify(text)}.`, [
    'save',
  ])
}
