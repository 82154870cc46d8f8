import type { Command, PositionalDefinition } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { commonOf } from '../options/everywhere.js'
import { KEEP_GOING } from '../options/keep-going.js'
import { NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { outdatedLines, updatedLines } from '../output/sets.js'

const FILE: PositionalDefinition = {
  name: 'file',
  required: true,
  describe: 'The set: YAML, JSON, or a plain list of names and references',
  offer: 'files',
}

const outdated: Command = {
  name: 'outdated',
  summary: 'Show what is newer than the lock of a set, or than what a site has',
  positionals: [FILE],
  options: {
    base: {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Compare with this instead of the lock',
      more: 'An inventory, receipts, an archive or a media',
      offer: 'files',
    },
    'keep-going': KEEP_GOING,
    ...NETWORK,
    ...SIGNATURES,
  },
  examples: [
    { line: 'set outdated plant-7.yaml', does: 'What is new since it was locked' },
    {
      line: 'set outdated plant-7.yaml --base ./inbox/receipts.jsonl',
      does: 'What the site does not have yet',
    },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const work = library.setOutdated({
      ...commonOf(args, run),
      ...networkOf(args),
      ...signaturesOf(args),
      path: args.required('file'),
      base: args.list('base'),
      keepGoing: args.flag('keep-going'),
    })
    await toldInAnyCase(work, (result) => run.print(result, () => outdatedLines(result, run.columns)))
    return undefined
  },
}

const update: Command = {
  name: 'update',
  summary: 'Update the lock to what the set means now; show what changed',
  positionals: [FILE],
  options: { ...REFERRERS, ...NETWORK },
  examples: [
    { line: 'set update plant-7.yaml --what-if', does: 'Only show what would change' },
    { line: 'set update plant-7.yaml', does: 'Lock it; then save it with --locked' },
  ],
  async run(args, run) {
    const file = args.required('file')
    if (!(await run.agreed('Update Lock', file))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.setUpdate({
      ...commonOf(args, run),
      ...networkOf(args),
      ...referrersOf(args),
      path: file,
    })
    run.print(result, () => updatedLines(result, args.flag('what-if'), run.columns))
    return undefined
  },
}

export const set: Command = {
  name: 'set',
  summary: 'Manage the lock of a set, which is a file that names images',
  examples: [
    { line: 'set outdated plant-7.yaml', does: 'What is new since it was locked' },
    { line: 'set update plant-7.yaml', does: 'Lock what the set means now' },
  ],
  subcommands: [outdated, update],
}
