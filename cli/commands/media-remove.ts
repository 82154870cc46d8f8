import type { MediaRemoveRequest } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { removedNames, tendedMediaLines, wouldTendMediaLines } from '../output/tended-media.js'

export const mediaRemove: Command = {
  name: 'remove',
  summary: 'Remove images from a media, and list the rest anew',
  positionals: [
    {
      name: 'path',
      called: 'the folder of a media, then the names of images',
      required: true,
      describe: 'The media',
      offer: 'folders',
    },
    {
      name: 'name',
      called: 'the name of at least one image',
      many: true,
      commas: true,
      required: true,
      describe: 'Names or patterns, with a tag or all of one version',
    },
  ],
  options: {
    'all-versions': { type: 'switch', describe: 'Remove all versions of a name without a tag' },
  },
  examples: [
    { line: 'media remove ./usb debian:12.4', does: 'One version' },
    { line: "media remove ./usb 'redis:6.*' --what-if", does: 'Say which ones match, and what that frees' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const request: MediaRemoveRequest = {
      ...commonOf(args, run),
      path: args.required('path'),
      names: args.list('name') ?? [],
      allVersions: args.flag('all-versions'),
    }
    if (args.flag('confirm')) {
      // What will be removed, not the patterns that match it.
      const would = await library.mediaRemove({ ...request, whatIf: true })
      if (!(await run.agreed('Remove Image', removedNames(would)))) return undefined
    }
    const result = await library.mediaRemove(request)
    if (args.flag('what-if')) run.print(result, () => wouldTendMediaLines(result))
    else run.report(result, () => tendedMediaLines(result))
    return undefined
  },
}
