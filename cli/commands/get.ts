import type { StoredImage } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import type { Run } from '../command/run.js'
import { ENGINE, engineOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { FORMAT, NO_TRUNC, templateIn } from '../options/format.js'
import { type Shown, storedIds, storedInFormat, storedLines, storedTree } from '../output/stored-images.js'

export const get: Command = {
  name: 'get',
  aliases: ['images', 'list', 'ls'],
  summary: 'Show what is installed',
  more: 'With --quiet only the ids. SIZE is the unpacked size of the layers, as docker shows it, or - if it was never measured, which `verify` does; CONTENT is what is stored',
  positionals: [
    {
      name: 'name',
      many: true,
      commas: true,
      describe: 'Names or patterns; default: all',
      offer: 'installed',
    },
  ],
  options: {
    filter: {
      type: 'list',
      placeholder: 'KEY=VALUE',
      describe: 'Such as reference=deb*, label=KEY, dangling=true',
      more: 'Also before=NAME, since=NAME, and until=24h or a date; may be repeated',
      parameters: ['f'],
    },
    format: FORMAT,
    digests: { type: 'switch', describe: 'Show digests as well' },
    'no-trunc': NO_TRUNC,
    tree: { type: 'switch', describe: 'Show what is there for each platform, and signatures' },
    ...ENGINE,
    // Without it, docker hides some images.
    all: { type: 'switch', describe: 'Everything, which is the default', parameters: ['a'] },
  },
  examples: [
    { line: 'get', does: 'Every tag in the store' },
    { line: "get 'Windows*' --json", does: 'Some of them, as JSON' },
    { line: "images --filter until=720h --format '{{.ID}} {{.Size}}'", does: 'As with docker' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const images = await library.get({
      ...commonOf(args, run),
      ...engineOf(args),
      names: args.list('name'),
      filters: args.list('filter'),
      parts: args.flag('tree'),
    })
    run.print(images, () => linesOf(images, args, run))
    return undefined
  },
}

function linesOf(images: StoredImage[], args: Arguments, run: Run): string[] {
  const shown: Shown = {
    now: run.now,
    width: run.columns,
    whole: args.flag('no-trunc'),
    digests: args.flag('digests'),
  }
  const template = templateIn(args.text('format'))
  if (template !== undefined) return storedInFormat(images, template, shown)
  if (run.quiet) return storedIds(images, shown.whole)
  return args.flag('tree') ? storedTree(images, shown) : storedLines(images, shown)
}
