import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM } from '../options/images.js'
import { historyLines } from '../output/history-steps.js'

export const history: Command = {
  name: 'history',
  summary: 'Show the steps by which an image was built, newest first',
  positionals: [
    {
      name: 'name',
      required: true,
      stdin: true,
      describe: 'name[:tag], a digest, or the path of an archive',
      offer: 'installed',
    },
  ],
  options: {
    'no-trunc': { type: 'switch', describe: 'Do not shorten anything' },
    platform: PLATFORM,
  },
  examples: [
    { line: 'history debian', does: 'The steps of debian:latest' },
    { line: 'history debian:12.5 --no-trunc', does: 'With the full commands' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const steps = await library.history({
      ...commonOf(args, run),
      name: args.required('name'),
      platform: args.text('platform'),
    })
    run.print(steps, () => historyLines(steps, run.now, args.flag('no-trunc')))
    return undefined
  },
}
