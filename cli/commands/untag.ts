import type { TagResult } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { oneOrAll } from '../output/one-or-all.js'
import { whatIf } from '../output/what-if.js'

export const untag: Command = {
  name: 'untag',
  summary: 'Remove names from installed images',
  positionals: [
    {
      name: 'name',
      called: 'at least one name of an installed image',
      many: true,
      commas: true,
      required: true,
      describe: 'name[:tag], or the last part of one',
      offer: 'installed',
    },
  ],
  examples: [
    { line: 'untag debian:stable', does: 'The image stays under its other names' },
    { line: 'untag base:latest site/base:12 --what-if', does: 'Only say what would happen' },
  ],
  async run(args, run) {
    const names = args.list('name') ?? []
    if (!(await run.agreed('Untag Image', names.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const common = commonOf(args, run)
    const isPlan = args.flag('what-if')
    const untagged = await library.untagAll({ ...common, names, whatIf: isPlan })
    if (isPlan) run.print(oneOrAll(untagged), () => untagged.map(({ tag }) => whatIf('Untag Image', tag)))
    else run.report(oneOrAll(untagged), () => untagged.flatMap(untaggedLines))
    return undefined
  },
}

function untaggedLines({ tag, digest, otherDigests = [] }: TagResult): string[] {
  return [digest, ...otherDigests].map((one) => `${tag} no longer names ${one}.`)
}
