import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { LOOK, lookOf, ONE_IMAGE } from '../options/look.js'
import { unpackedLines } from '../output/unpacked.js'

export const unpack: Command = {
  name: 'unpack',
  summary: 'Unpack the root file system of an image into a folder',
  more: 'With --bundle, as one that crun or runc can run',
  positionals: [
    ONE_IMAGE,
    {
      name: 'folder',
      called: 'a folder to unpack into',
      required: true,
      describe: 'A new or an empty folder',
      offer: 'folders',
    },
  ],
  options: {
    bundle: { type: 'switch', describe: 'Make an OCI runtime bundle: rootfs and config.json' },
    force: { type: 'switch', describe: 'Replace files in a folder that is not empty' },
    ...LOOK,
  },
  examples: [
    { line: 'unpack debian:12.5 ./root', does: 'As root with all owners; otherwise all files are yours' },
    { line: 'unpack ./usb/debian-12-5.tar ./bundle --bundle', does: 'Then: crun run --bundle ./bundle NAME' },
  ],
  async run(args, run) {
    const folder = args.required('folder')
    if (!(await run.agreed('Unpack Image', folder))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.unpack({
      ...commonOf(args, run),
      ...lookOf(args),
      folder,
      bundle: args.flag('bundle'),
      force: args.flag('force'),
    })
    run.report(result, () => unpackedLines(result, args.flag('what-if')))
    return undefined
  },
}
