import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { FORMAT, NO_TRUNC, templateIn } from '../options/format.js'
import { IDENTITY } from '../options/identity.js'
import { PLATFORM } from '../options/images.js'
import { ONE_IMAGE } from '../options/look.js'
import { NETWORK, networkOf } from '../options/network.js'
import { historyInFormat, historyLines } from '../output/history-steps.js'

export const history: Command = {
  name: 'history',
  summary: 'Show the steps by which an image was built, newest first',
  positionals: [ONE_IMAGE],
  options: {
    format: FORMAT,
    'no-trunc': NO_TRUNC,
    remote: {
      type: 'switch',
      describe: 'Look in the registry; no layer is fetched',
      more: 'Even if it is installed',
    },
    platform: PLATFORM,
    ...IDENTITY,
    ...NETWORK,
  },
  examples: [
    { line: 'history debian', does: 'The steps of debian:latest' },
    { line: 'history debian:12.5 --no-trunc', does: 'With the full commands' },
    { line: 'history docker.io/library/debian:12.5', does: 'Of an image in a registry' },
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
    const template = templateIn(args.text('format'))
    const whole = args.flag('no-trunc')
    run.print(steps, () =>
      template === undefined
        ? historyLines(steps, run.now, whole)
        : historyInFormat(steps, template, run.now, whole),
    )
    return undefined
  },
}
