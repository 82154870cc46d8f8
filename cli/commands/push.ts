import type { Command } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { IDENTITY } from '../options/identity.js'
import { ALL_PLATFORMS, PLATFORMS } from '../options/images.js'
import { KEEP_GOING } from '../options/keep-going.js'
import { NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { pushDocument, pushedLines, wouldPushLines } from '../output/pushed-images.js'

export const push: Command = {
  name: 'push',
  summary: 'Push installed images, or those of archives, to a registry',
  positionals: [
    {
      name: 'name',
      many: true,
      stdin: true,
      commas: true,
      required: true,
      describe: 'Images, or paths of archives; the registry last',
      more: 'Installed images are given by name or pattern. The registry is host[:port][/prefix], unless --registry names it; host[:port]/name:tag gives one image that name',
      offer: 'installed',
    },
  ],
  options: {
    registry: {
      type: 'value',
      placeholder: 'HOST',
      describe: 'host[:port][/prefix], in place of the last argument',
      more: 'It may also be a source that is a registry',
      parameters: ['Destination'],
      offer: 'sources',
    },
    'no-latest': { type: 'switch', describe: "Do not move the registry's tag latest" },
    'allow-nondistributable': {
      type: 'switch',
      describe: 'Also push foreign layers that are here',
      more: 'By default they stay at their URLs',
    },
    platform: PLATFORMS,
    'all-platforms': ALL_PLATFORMS,
    'keep-going': KEEP_GOING,
    ...IDENTITY,
    ...GATE,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
    ...SIGNATURES,
  },
  examples: [
    {
      line: 'push debian:12.5 registry.example.org/base',
      does: 'Hosts pull registry.example.org/base/debian',
    },
    {
      line: 'push debian:12.5 registry.example.org/base/os:stable',
      does: 'One image, under a name of your own',
    },
    { line: 'push ./media registry.example.org/base', does: 'Everything on a stick, without installing it' },
  ],
  async run(args, run) {
    const { names, registry } = placesOf(args.list('name') ?? [], args.text('registry'))
    if (!(await run.agreed('Push Package', `${names.join(', ')} to ${registry}`))) return undefined
    const library = await import('../../provider/index.js')
    const work = library.push({
      ...commonOf(args, run),
      ...gateOf(args),
      ...signaturesOf(args),
      ...networkOf(args),
      ...referrersOf(args),
      ...policyOf(args),
      names,
      registry,
      keepGoing: args.flag('keep-going'),
      noLatest: args.flag('no-latest'),
      allowNondistributable: args.flag('allow-nondistributable'),
      platform: args.list('platform'),
      allPlatforms: args.flag('all-platforms'),
    })
    await toldInAnyCase(work, (result) => {
      if (args.flag('what-if')) run.print(pushDocument(result), () => wouldPushLines(result))
      else run.report(pushDocument(result), () => pushedLines(result))
    })
    return undefined
  },
}

/** The last word is the registry, as with docker's own tools for copying. */
function placesOf(words: string[], registry: string | undefined): { names: string[]; registry: string } {
  if (registry !== undefined) return { names: words, registry }
  const last = words.at(-1)
  if (last === undefined || words.length < 2)
    throw usage(
      'push needs the names of images, then the registry.',
      ['push'],
      'For example: `containerimage push debian:12.5 registry.example.org/base`.',
    )
  return { names: words.slice(0, -1), registry: last }
}
