import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM } from '../options/images.js'
import { NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { inspectedWimLines } from '../output/inspected-wims.js'
import { jsonText } from '../output/json.js'
import { remoteImageLines } from '../output/remote-images.js'

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
      describe: 'name[:tag], digests, full references, or paths of archives and WIMs',
      offer: 'installed',
    },
  ],
  options: {
    remote: {
      type: 'switch',
      describe: 'Look in the registry, also for what is installed; no layer is fetched',
    },
    platform: PLATFORM,
    'all-platforms': { type: 'switch', describe: 'In a registry: the sizes of all platforms' },
    ...REFERRERS,
    ...NETWORK,
  },
  examples: [
    { line: 'inspect debian', does: 'An installed image' },
    {
      line: 'inspect --remote docker.io/library/debian:12.5',
      does: 'What a registry has: size, platforms, config, signatures; --json for programs',
    },
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
      ...networkOf(args),
      ...referrersOf(args),
      names: args.list('name') ?? [],
      remote: args.flag('remote'),
      platform: args.text('platform'),
      allPlatforms: args.flag('all-platforms'),
    })
    run.print(
      images,
      () =>
        inspectedWimLines(images, run.columns) ??
        remoteImageLines(images, run.now, run.columns) ??
        jsonText(images).split('\n'),
    )
    return undefined
  },
}
