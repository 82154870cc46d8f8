import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { mediaStatusLines } from '../output/receipts.js'
import { mediaPrune } from './media-prune.js'
import { mediaRemove } from './media-remove.js'
import { mediaSign } from './media-sign.js'

const status: Command = {
  name: 'status',
  summary: 'Compare what was sent with the receipts that came back',
  positionals: [
    {
      name: 'path',
      called: 'the media that was sent',
      required: true,
      describe: 'The media, archive or set of volumes that was sent',
      offer: 'files',
    },
  ],
  options: {
    receipts: {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Receipts that came back, or folders with them',
      more: 'They count in addition to those on the media',
      offer: 'files',
    },
    ...SIGNATURES,
  },
  examples: [
    { line: 'media status ./usb', does: 'With the receipts that came back on it' },
    { line: 'media status ./sent.tar --receipts ./inbox', does: 'With receipts that came by another route' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const found = await library.mediaStatus({
      ...commonOf(args, run),
      ...signaturesOf(args),
      path: args.required('path'),
      receipts: args.list('receipts'),
    })
    run.print(found, () => mediaStatusLines(found, run.columns))
    return undefined
  },
}

export const media: Command = {
  name: 'media',
  summary: 'Manage a media, and see what became of those sent',
  examples: [
    { line: 'media status ./usb', does: 'Which hosts have which images, by their receipts' },
    { line: 'media prune ./usb --keep 2', does: 'The two newest versions of each name stay' },
    { line: 'media sign ./usb --sign ./site.key', does: 'Sign it as yours' },
  ],
  subcommands: [status, mediaRemove, mediaPrune, mediaSign],
}
