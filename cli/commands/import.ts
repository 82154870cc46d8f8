import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM } from '../options/images.js'
import { NEW_IMAGE, newImageOf } from '../options/new-image.js'
import { importedLines } from '../output/committed.js'

export const importTar: Command = {
  name: 'import',
  summary: 'Make an image from the tar of a root file system',
  more: 'It becomes the only layer of the image; install does the same, with a name taken from the system in it',
  positionals: [
    {
      name: 'path',
      called: 'a tar, then a name for the new image',
      required: true,
      stdin: true,
      describe: 'A tar, plain or compressed',
      offer: 'files',
    },
    {
      name: 'name',
      called: 'a name for the new image',
      required: true,
      describe: 'Name of the new image, name[:tag]',
    },
  ],
  options: {
    ...NEW_IMAGE,
    platform: { ...PLATFORM, more: 'By default that of the programs in it' },
  },
  examples: [
    { line: 'import ./rootfs.tar.gz site/base:1.0', does: 'A tar made by another tool' },
    {
      line: 'import - app:1 --change \'ENTRYPOINT ["/app"]\'',
      does: 'From a pipe: tar c -C ./root . | containerimage import ...',
    },
  ],
  async run(args, run) {
    const path = args.required('path')
    const name = args.required('name')
    if (!(await run.agreed('Import Image', `${path} as ${name}`))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.importTar({
      ...commonOf(args, run),
      ...newImageOf(args),
      path,
      platform: args.text('platform'),
    })
    run.report(result, () => importedLines(result, args.flag('what-if')))
    return undefined
  },
}
