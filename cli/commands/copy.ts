import type { Command } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { IDENTITY } from '../options/identity.js'
import { ALL_PLATFORMS, PLATFORMS, SOURCE } from '../options/images.js'
import { FOREIGN, NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { copiedLines, copyDocument, wouldCopyLines } from '../output/copied-images.js'

const { 'all-versions': _, ...ONE_VERSION } = VERSIONS

export const copy: Command = {
  name: 'copy',
  aliases: ['cp'],
  summary: 'Copy an image to a registry under an exact name',
  more: 'Nothing is stored on disk in between',
  positionals: [
    {
      name: 'image',
      required: true,
      stdin: true,
      describe: 'A full reference, a path or a name',
      more: 'A path is that of an archive, media or store; a name is that of an installed image, or one in the catalog',
      offer: 'files',
    },
    {
      name: 'destination',
      called: 'a destination: host[:port]/path/repo[:tag]',
      required: true,
      describe: 'host[:port]/path/repo[:tag]',
      more: 'Without a tag it keeps its own',
      parameters: ['Destination'],
    },
  ],
  options: {
    tag: {
      type: 'list',
      placeholder: 'TAG',
      describe: 'Another tag at the destination; may be repeated',
    },
    'all-tags': {
      type: 'switch',
      describe: 'Every tag of the repository',
      more: 'Those that fail are listed at the end',
      aliases: ['a'],
    },
    platform: PLATFORMS,
    'all-platforms': ALL_PLATFORMS,
    source: SOURCE,
    ...ONE_VERSION,
    'allow-nondistributable': {
      type: 'switch',
      describe: 'Also copy foreign layers that the source has',
      more: 'By default they stay at their URLs',
    },
    ...IDENTITY,
    ...GATE,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
    'allow-foreign-host': FOREIGN['allow-foreign-host'] ?? { type: 'list', describe: '' },
    ...SIGNATURES,
  },
  examples: [
    {
      line: 'copy docker.io/library/debian:12.5 registry.example.org/base/debian --all-platforms',
      does: 'From one registry to another, complete and with the same digests',
    },
    {
      line: 'copy ./debian.tar localhost:5000/os/debian:12.5 --tag stable',
      does: 'An archive, under two tags',
    },
    {
      line: 'copy localhost:5000/os/debian localhost:5000/mirror/debian --all-tags',
      does: 'A whole repository; its blobs are mounted, not sent',
    },
  ],
  async run(args, run) {
    const image = args.required('image')
    const destination = args.required('destination')
    if (!(await run.agreed('Copy Package', `${image} to ${destination}`))) return undefined
    const library = await import('../../provider/index.js')
    const work = library.copy({
      ...commonOf(args, run),
      ...gateOf(args),
      ...signaturesOf(args),
      ...networkOf(args),
      ...referrersOf(args),
      ...policyOf(args),
      ...versionsOf(args),
      image,
      destination,
      tags: args.list('tag'),
      allTags: args.flag('all-tags'),
      source: args.text('source'),
      platform: args.list('platform'),
      allPlatforms: args.flag('all-platforms'),
      allowNondistributable: args.flag('allow-nondistributable'),
    })
    await toldInAnyCase(work, (result) => {
      if (args.flag('what-if')) run.print(copyDocument(result), () => wouldCopyLines(result))
      else run.report(copyDocument(result), () => copiedLines(result))
    })
    return undefined
  },
}
