import type { Command } from '../command/command.js'
import { ENGINE, engineOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { storedIds, storedLines } from '../output/stored-images.js'

export const get: Command = {
  name: 'get',
  aliases: ['images', 'list', 'ls'],
  summary: 'Show what is installed',
  more: 'With --quiet only the ids',
  positionals: [
    {
      name: 'name',
      many: true,
      commas: true,
      describe: 'Names or patterns; default: all',
      offer: 'installed',
    },
  ],
  options: {
    ...ENGINE,
    // Without it, docker hides some images.
    all: { type: 'switch', describe: 'Everything, which is the default', parameters: ['a'] },
  },
  examples: [
    { line: 'get', does: 'Every tag in the store' },
    { line: "get 'Windows*' --json", does: 'Some of them, for a program' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const images = await library.get({ ...commonOf(args, run), ...engineOf(args), names: args.list('name') })
    run.print(images, () => (run.quiet ? storedIds(images) : storedLines(images, run.now, run.columns)))
    return undefined
  },
}
