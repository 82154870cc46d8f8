import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { historyLines } from '../output/history-steps.js'

export const history: Command = {
  name: 'history',
  summary: 'Show the steps by which an image was built, newest first',
  positionals: [
    {
      name: 'name',
      required: true,
      stdin: true,
      describe: 'name[:tag], a digest, a full reference, or the path of an archive',
      offer: 'installed',
    },
  ],
  options: {
    'no-trunc': { type: 'switch', describe: 'Do not shorten anything' },
    remote: {
      type: 'switch',
      describe: 'Look in the registry, also for what is installed; no layer is fetched',
    },
    platform: PLATFORM,
    ...NETWORK,
  },
  examples: [
    { line: 'history debian', does: 'The steps of debian:latest' },
    { line: 'history debian:12.5 --no-trunc', does: 'With the full commands' },
    { line: 'history docker.io/library/debian:12.5', does: 'Of what a registry has' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const steps = await library.history({
      ...commonOf(args, run),
      ...networkOf(args),
      name: args.required('name'),
      remote: args.flag('remote'),
      platform: args.text('platform'),
    })
    run.print(steps, () => historyLines(steps, run.now, args.flag('no-trunc')))
    return undefined
  },
}
