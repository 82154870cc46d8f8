import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { FORMAT, templateIn } from '../options/format.js'
import { IDENTITY } from '../options/identity.js'
import { PLATFORM } from '../options/images.js'
import { NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { inspectedInFormat } from '../output/inspected-images.js'
import { inspectedWimLines } from '../output/inspected-wims.js'
import { jsonText } from '../output/json.js'
import { remoteImageLines } from '../output/remote-images.js'

export const inspect: Command = {
  name: 'inspect',
  summary: 'Show all that is known about images, as JSON; WIMs as a table',
  positionals: [
    {
      name: 'name',
      called: 'at least one image: its name, or the path of an archive',
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
      describe: 'Look in the registry; no layer is fetched',
      more: 'Even if it is installed',
    },
    format: {
      ...FORMAT,
      aliases: ['f'],
      more: 'json is one line per image. A template names docker fields, and what is in them: {{.Os}}, {{json .Config.Env}}',
    },
    platform: PLATFORM,
    'all-platforms': { type: 'switch', describe: 'In a registry: the sizes of all platforms' },
    ...IDENTITY,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
  },
  examples: [
    {
      line: 'inspect --remote docker.io/library/debian:12.5',
      does: 'What a registry has: size, platforms, config; --json for programs',
    },
    {
      line: "inspect ./usb/debian-12-5.tar --format '{{.Os}} {{json .Config.Cmd}}'",
      does: 'What an archive holds; a name means what is installed',
    },
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
      ...policyOf(args),
      names: args.list('name') ?? [],
      remote: args.flag('remote'),
      platform: args.text('platform'),
      allPlatforms: args.flag('all-platforms'),
    })
    const template = templateIn(args.text('format'))
    run.print(
      images,
      () =>
        (template === undefined ? undefined : inspectedInFormat(images, template)) ??
        inspectedWimLines(images, run.columns) ??
        remoteImageLines(images, run.now, run.columns) ??
        jsonText(images).split('\n'),
    )
    return undefined
  },
}
