import type { TagResult } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { oneOrAll } from '../output/one-or-all.js'
import { whatIf } from '../output/what-if.js'

export const tag: Command = {
  name: 'tag',
  summary: 'Give an installed image other names',
  positionals: [
    {
      name: 'from',
      called: 'the name of an installed image, then its new names',
      required: true,
      describe: 'name[:tag], or the digest or id of an installed image',
      offer: 'installed',
    },
    {
      name: 'to',
      called: 'a new name for the image',
      many: true,
      commas: true,
      required: true,
      describe: 'The new names, name[:tag]',
    },
  ],
  examples: [
    { line: 'tag debian:12.5 debian:stable', does: 'Another tag' },
    { line: 'tag debian:12.5 base:latest site/base:12', does: 'Two other names' },
  ],
  async run(args, run) {
    const from = args.required('from')
    const names = args.list('to') ?? []
    if (!(await run.agreed('Tag Image', `${from} as ${names.join(', ')}`))) return undefined
    const library = await import('../../provider/index.js')
    const common = commonOf(args, run)
    const isPlan = args.flag('what-if')
    const tagged = await library.tagAll({ ...common, from, to: names, whatIf: isPlan })
    if (isPlan)
      run.print(oneOrAll(tagged), () => tagged.map((one) => whatIf('Tag Image', `${from} as ${one.tag}`)))
    else run.report(oneOrAll(tagged), () => tagged.flatMap(taggedLines))
    return undefined
  },
}

function taggedLines({ tag, digest, otherDigests = [], movedFrom }: TagResult): string[] {
  const moved = movedFrom === undefined ? '' : `, which named ${movedFrom} before`
  return [digest, ...otherDigests].map((one, i) => `${one} is now also ${tag}${i === 0 ? moved : ''}.`)
}
