import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { whatIf } from '../output/what-if.js'

export const tag: Command = {
  name: 'tag',
  summary: 'Give an installed image another name',
  positionals: [
    {
      name: 'from',
      required: true,
      describe: 'name[:tag] or digest of an installed image',
      offer: 'installed',
    },
    { name: 'to', required: true, describe: 'The new name[:tag]' },
  ],
  examples: [
    { line: 'tag debian:12.5 debian:stable', does: 'Another tag' },
    { line: 'tag debian:12.5 base:latest', does: 'Another name' },
  ],
  async run(args, run) {
    const from = args.required('from')
    const to = args.required('to')
    if (!(await run.agreed('Tag Image', `${from} as ${to}`))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.tag({ ...commonOf(args, run), from, to })
    const moved = result.movedFrom === undefined ? '' : `, which named ${result.movedFrom} before`
    if (args.flag('what-if')) run.print(result, () => [whatIf('Tag Image', `${from} as ${result.tag}`)])
    else
      run.report(result, () =>
        [result.digest, ...(result.otherDigests ?? [])].map(
          (digest, i) => `${digest} is now also ${result.tag}${i === 0 ? moved : ''}.`,
        ),
      )
    return undefined
  },
}
