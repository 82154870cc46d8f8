import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { SOURCE } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { tagLines, tagNames, tagsNote } from '../output/listed-tags.js'

const { 'all-versions': _, 'required-version': required, ...BOUNDS } = VERSIONS

export const tags: Command = {
  name: 'tags',
  summary: 'List the tags of a repository, the newest version first',
  positionals: [
    {
      name: 'repository',
      called: 'a repository: host[:port]/path/repo',
      required: true,
      describe: 'host[:port]/path/repo, or a name in the catalog',
      parameters: ['Name'],
    },
  ],
  options: {
    filter: {
      type: 'list',
      placeholder: 'PATTERN',
      describe: 'Only tags such as 12.*; may be repeated',
      aliases: ['f'],
    },
    exclude: { type: 'list', placeholder: 'PATTERN', describe: 'Leave out tags that match; may be repeated' },
    newest: { type: 'value', placeholder: 'N', describe: 'Only the newest N' },
    'required-version': {
      type: 'value',
      placeholder: 'VERSION',
      describe: 'Only this version, or those matching a wildcard',
      aliases: required?.aliases ?? [],
    },
    ...BOUNDS,
    digests: {
      type: 'switch',
      describe: 'Look up what each tag names',
      more: 'That is one request per tag, which registries do not count as a pull',
    },
    'all-tags': {
      type: 'switch',
      describe: 'Also tags that are only for signatures',
      aliases: ['a'],
    },
    source: SOURCE,
    ...NETWORK,
  },
  examples: [
    { line: 'tags debian --newest 5', does: 'The five newest versions' },
    {
      line: 'tags docker.io/library/debian --filter *-slim --exclude rc-*',
      does: 'Those that match the one but not the other',
    },
    { line: 'tags localhost:5000/os/debian --digests', does: 'With what each of them names' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const { allVersions: _, ...versions } = versionsOf(args)
    const result = await library.tags({
      ...commonOf(args, run),
      ...networkOf(args),
      ...versions,
      repository: args.required('repository'),
      source: args.text('source'),
      filter: args.list('filter'),
      exclude: args.list('exclude'),
      newest: countOf(args.text('newest')),
      allTags: args.flag('all-tags'),
      digests: args.flag('digests'),
    })
    run.print(result, () => (run.quiet ? tagNames(result) : tagLines(result, run.columns)))
    const note = tagsNote(result)
    if (note !== undefined) run.note(note)
    return undefined
  },
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usage(`--newest takes a number of tags, and not '${text}'.`, ['tags'])
}
