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
    // Nothing is named if one of the names cannot be.
    const planned: TagResult[] = []
    for (const to of names) planned.push(await library.tag({ ...common, from, to, whatIf: true }))
    if (args.flag('what-if')) {
      run.print(oneOrAll(planned), () => planned.map((one) => whatIf('Tag Image', `${from} as ${one.tag}`)))
      return undefined
    }
    const results: TagResult[] = []
    for (const to of names) results.push(await library.tag({ ...common, from, to }))
    run.report(oneOrAll(results), () => results.flatMap(taggedLines))
    return undefined
  },
}

function taggedLines({ tag, digest, otherDigests = [], movedFrom }: TagResult): string[] {
  const moved = movedFrom === undefined ? '' : `, which named ${movedFrom} before`
  return [digest, ...otherDigests].map((one, i) => `${one} is now also ${tag}${i === 0 ? moved : ''}.`)
}
