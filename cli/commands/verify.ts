import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { IDENTITY } from '../options/identity.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { REF } from '../options/wim.js'
import { verifiedLines } from '../output/verified.js'

export const verify: Command = {
  name: 'verify',
  summary: 'Read every byte, and say what is wrong',
  more: 'It reads archives, WIMs and folders, or the store if none is named',
  positionals: [
    {
      name: 'path',
      many: true,
      stdin: true,
      commas: true,
      describe: 'Archives, WIMs and folders; default: the store',
      offer: 'files',
    },
  ],
  options: {
    ...IDENTITY,
    ref: REF,
    repair: {
      type: 'switch',
      describe: 'Repair it with the recovery files (PAR2) beside it',
      more: 'Damaged files are kept as NAME.damaged',
    },
    ...SIGNATURES,
  },
  examples: [
    { line: 'verify', does: 'The store' },
    { line: 'verify ./usb/debian-12-5.tar', does: 'A file before it is installed' },
    { line: 'verify ./NanoServer.wim', does: 'Every file in a WIM by its SHA-1, and its integrity table' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const result = await library.verify({
      ...commonOf(args, run),
      ...signaturesOf(args),
      paths: args.list('path'),
      ref: args.list('ref'),
      repair: args.flag('repair'),
    })
    run.print(result, () => verifiedLines(result, run.quiet))
    return result.ok ? undefined : library.ERROR_CODES.VERIFICATION_FAILED.exit
  },
}
