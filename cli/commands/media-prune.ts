import type { MediaPruneRequest } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { removedNames, tendedMediaLines, wouldTendMediaLines } from '../output/tended-media.js'

export const mediaPrune: Command = {
  name: 'prune',
  summary: 'Remove old versions from a media, and what nothing names',
  positionals: [
    {
      name: 'path',
      called: 'the folder of a media',
      required: true,
      describe: 'The media',
      offer: 'folders',
    },
  ],
  options: {
    keep: {
      type: 'value',
      placeholder: 'NUMBER',
      describe: 'How many versions of each name stay, the newest',
      more: 'Tags that are not versions all stay',
    },
  },
  examples: [
    { line: 'media prune ./usb --keep 2 --what-if', does: 'Say which versions would go' },
    { line: 'media prune ./usb', does: 'Remove only what nothing names, and what stopped runs left' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const request: MediaPruneRequest = {
      ...commonOf(args, run),
      path: args.required('path'),
      keep: keepOf(args.text('keep')),
    }
    if (args.flag('confirm')) {
      const would = await library.mediaPrune({ ...request, whatIf: true })
      const names = removedNames(would) || 'what nothing names'
      if (!(await run.agreed('Remove Image', names))) return undefined
    }
    const result = await library.mediaPrune(request)
    if (args.flag('what-if')) run.print(result, () => wouldTendMediaLines(result))
    else run.report(result, () => tendedMediaLines(result))
    return undefined
  },
}

function keepOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d{1,6}$/.test(text) && number > 0) return number
  throw usage(`--keep takes a number of versions from 1 on, not ${JSON.stringify(text)}.`, ['media', 'prune'])
}
