import type { Command } from '../command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM, SOURCE } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { foundLines } from '../output/found-images.js'

export const find: Command = {
  name: 'find',
  summary: 'Find images in the catalog: the newest version of each name',
  positionals: [
    {
      name: 'name',
      many: true,
      commas: true,
      describe: 'Names or patterns with *, ? and [...]; all where left out',
    },
  ],
  options: { ...VERSIONS, platform: PLATFORM, source: SOURCE, ...NETWORK },
  examples: [
    { line: "find 'Nano*'", does: 'The newest version of every image whose name begins so' },
    { line: 'find debian --all-versions', does: 'Every version of one image' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const { images, notes } = await library.find({
      ...commonOf(args, run),
      ...networkOf(args),
      ...versionsOf(args),
      names: args.list('name'),
      platform: args.text('platform'),
      source: args.text('source'),
    })
    run.print(images, () => foundLines(images, run.columns))
    for (const note of notes) run.note(note)
    return undefined
  },
}
