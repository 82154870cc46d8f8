import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { whatIf } from '../output/what-if.js'

export const untag: Command = {
  name: 'untag',
  summary: 'Remove a name from an installed image',
  positionals: [
    { name: 'name', required: true, describe: 'name[:tag], or the end of one', offer: 'installed' },
  ],
  examples: [
    { line: 'untag debian:stable', does: 'The image stays under its other names' },
    { line: 'untag base:latest --what-if', does: 'Only say what would happen' },
  ],
  async run(args, run) {
    const name = args.required('name')
    if (!(await run.agreed('Untag Image', name))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.untag({ ...commonOf(args, run), name })
    if (args.flag('what-if')) run.print(result, () => [whatIf('Untag Image', result.tag)])
    else
      run.report(result, () =>
        [result.digest, ...(result.otherDigests ?? [])].map(
          (digest) => `${result.tag} no longer names ${digest}.`,
        ),
      )
    return undefined
  },
}
