import { ContainerImageError, option } from '../../manifests/index.js'
import type { DiffPart } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import { DATABASE } from '../options/database.js'
import { commonOf } from '../options/everywhere.js'
import { IDENTITY } from '../options/identity.js'
import { PLATFORM, SOURCE } from '../options/images.js'
import { ONE_IMAGE } from '../options/look.js'
import { NETWORK, networkOf } from '../options/network.js'
import { differenceLines } from '../output/differences.js'

const PARTS = ['config', 'layers', 'packages', 'vulnerabilities', 'files'] as const
/** What diff(1) and `git diff --exit-code` end with. */
const DIFFERENT = 1

export const diff: Command = {
  name: 'diff',
  summary: 'Show how two images differ: settings, packages, files',
  more: 'Each may be anywhere: installed, in an archive or a media, in an engine, in a registry',
  positionals: [
    { ...ONE_IMAGE, name: 'first', called: 'two images to compare' },
    {
      name: 'second',
      called: 'a second image, to compare the first with',
      required: true,
      stdin: true,
      describe: 'The other image',
      offer: 'installed',
    },
  ],
  options: {
    only: {
      type: 'list',
      placeholder: 'PART',
      describe: 'config, layers, packages, vulnerabilities, files',
      more: 'Several as a,b; vulnerabilities need a database of advisories, and are compared by default if there is one',
      values: PARTS,
    },
    database: DATABASE,
    times: { type: 'switch', describe: 'Count a different time alone as a difference' },
    'exit-code': { type: 'switch', describe: 'End with 1 if they differ' },
    platform: PLATFORM,
    'second-platform': { ...PLATFORM, describe: 'Platform of the second, if it is another one' },
    source: {
      ...SOURCE,
      describe: 'Where to look for the names',
      more: 'By default what is installed, then the path or registry that a name gives',
    },
    'second-source': {
      ...SOURCE,
      describe: 'Where to look for the second',
      more: 'The default is --source',
    },
    ...IDENTITY,
    ...NETWORK,
  },
  examples: [
    { line: 'diff debian:12.4 debian:12.5', does: 'Two versions that are installed' },
    { line: 'diff debian:12.5 ./usb/debian-12-6.tar --only packages', does: 'What a stick would bring' },
    {
      line: 'diff app:1 app:1 --second-source docker: --only config',
      does: 'Whether an engine has the same settings',
    },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const result = await library.diff({
      ...commonOf(args, run),
      ...networkOf(args),
      first: args.required('first'),
      second: args.required('second'),
      only: partsOf(args),
      database: args.text('database'),
      times: args.flag('times'),
      platform: args.text('platform'),
      secondPlatform: args.text('second-platform'),
      source: args.text('source'),
      secondSource: args.text('second-source'),
    })
    run.print(result, () => differenceLines(result))
    return args.flag('exit-code') && !result.same ? DIFFERENT : undefined
  },
}

function partsOf(args: Arguments): DiffPart[] | undefined {
  return args.list('only')?.map((word) => {
    const part = PARTS.find((one) => one === word)
    if (part) return part
    throw new ContainerImageError('USAGE', `${option('only')} knows no part ${word}.`, {
      expected: PARTS.join(', '),
      found: word,
    })
  })
}
