import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM } from '../options/images.js'
import { inspectedWimLines } from '../output/inspected-wims.js'
import { jsonText } from '../output/json.js'

export const inspect: Command = {
  name: 'inspect',
  summary: 'Show all that is known about images, as JSON; WIMs as a table',
  positionals: [
    {
      name: 'name',
      many: true,
      stdin: true,
      required: true,
      commas: true,
      describe: 'name[:tag], digests, or paths of archives and WIMs',
      offer: 'installed',
    },
  ],
  options: { platform: PLATFORM },
  examples: [
    { line: 'inspect debian', does: 'An installed image' },
    { line: 'inspect ./usb/debian-12-5.tar', does: 'What an archive holds' },
    {
      line: 'inspect ./NanoServer.wim',
      does: 'What a WIM says about itself, and its images; --json for programs',
    },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const images = await library.inspect({
      ...commonOf(args, run),
      names: args.list('name') ?? [],
      platform: args.text('platform'),
    })
    run.print(images, () => inspectedWimLines(images, run.columns) ?? jsonText(images).split('\n'))
    return undefined
  },
}
