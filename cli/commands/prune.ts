import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { size } from '../output/sizes.js'
import { whatIf } from '../output/what-if.js'

export const prune: Command = {
  name: 'prune',
  summary: 'Remove blobs that nothing names',
  more: 'What interrupted runs left behind goes too',
  examples: [
    { line: 'prune --what-if', does: 'Say which ones' },
    { line: 'prune', does: 'Remove them' },
  ],
  async run(args, run) {
    if (!(await run.agreed('Remove Blob', 'every blob that nothing names'))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.prune(commonOf(args, run))
    const { removed, freedBytes } = result
    if (args.flag('what-if'))
      run.print(result, () =>
        removed.length === 0
          ? ['Nothing would be removed.']
          : removed.map((blob) => whatIf('Remove Blob', `${blob.digest}, ${size(blob.size)}`)),
      )
    else
      run.report(result, () => [
        ...removed.map((blob) => `Removed ${blob.digest}, ${size(blob.size)}`),
        `Freed ${size(freedBytes)}.`,
      ])
    return undefined
  },
}
