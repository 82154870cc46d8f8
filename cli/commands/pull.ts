import type { Command } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { ALL_PLATFORMS, PLATFORMS } from '../options/images.js'
import { KEEP_GOING } from '../options/keep-going.js'
import { FOREIGN, NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { installDocument, wouldInstallLines } from '../output/installed-images.js'
import { pulledLines, pulledNames, pulledNotes } from '../output/pulled-images.js'

export const pull: Command = {
  name: 'pull',
  summary: 'Fetch images from a registry into the store',
  more: 'They keep the names that they have there',
  positionals: [
    {
      name: 'reference',
      called: 'at least one reference: host[:port]/path/repo[:tag]',
      many: true,
      commas: true,
      required: true,
      describe: 'host[:port]/path/repo[:tag] or ...@sha256:...',
      more: 'Also a name in the catalog with a tag; the default tag is latest',
      parameters: ['Name'],
    },
  ],
  options: {
    'all-tags': {
      type: 'switch',
      describe: 'Every tag of each repository',
      more: 'Those that fail are listed at the end',
      aliases: ['a'],
    },
    platform: PLATFORMS,
    'all-platforms': ALL_PLATFORMS,
    'keep-going': KEEP_GOING,
    ...GATE,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
    ...FOREIGN,
  },
  examples: [
    { line: 'pull localhost:5000/debian:12.5', does: 'From a registry on this machine' },
    { line: 'pull mcr.microsoft.com/windows/nanoserver:ltsc2022', does: 'By full reference' },
  ],
  async run(args, run) {
    const references = args.list('reference') ?? []
    if (!(await run.agreed('Install Package', references.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const work = library.pull({
      ...commonOf(args, run),
      ...gateOf(args),
      ...networkOf(args),
      ...referrersOf(args),
      ...policyOf(args),
      references,
      keepGoing: args.flag('keep-going'),
      allTags: args.flag('all-tags'),
      platform: args.list('platform'),
      allPlatforms: args.flag('all-platforms'),
    })
    await toldInAnyCase(work, (result) => {
      const document = installDocument(result, args.flag('what-if'))
      if (args.flag('what-if')) run.print(document, () => wouldInstallLines(result))
      else run.print(document, () => (run.quiet ? pulledNames(result) : pulledLines(result)))
      for (const line of pulledNotes(result, args.flag('json'))) run.note(line)
    })
    return undefined
  },
}
