import type { Command, PositionalDefinition } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { receiptLines, receiptsVerifiedLines } from '../output/receipts.js'

const LOGS: PositionalDefinition = {
  name: 'path',
  many: true,
  commas: true,
  describe: "Files of receipts, or a media with them; default: the store's own",
  offer: 'files',
}

const show: Command = {
  name: 'show',
  summary: 'Show what was installed, according to receipts',
  positionals: [LOGS],
  options: SIGNATURES,
  examples: [
    { line: 'receipt show', does: 'What was installed here with receipts' },
    { line: 'receipt show ./usb', does: 'What came back on a stick' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const logs = await library.readReceipts({
      ...commonOf(args, run),
      ...signaturesOf(args),
      paths: args.list('path'),
    })
    run.print(logs, () => logs.flatMap(receiptLines))
    return undefined
  },
}

const verify: Command = {
  name: 'verify',
  summary: 'Check that no receipt was changed or removed',
  positionals: [LOGS],
  options: SIGNATURES,
  examples: [
    { line: 'receipt verify ./usb', does: 'Every log on a stick' },
    { line: 'receipt verify plant-7.jsonl', does: 'One log' },
    { line: 'receipt verify ./usb --signed-by ./plant-7.pub', does: 'Also whether that key signed it' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const logs = await library.readReceipts({
      ...commonOf(args, run),
      ...signaturesOf(args),
      paths: args.list('path'),
    })
    const summary = logs.map(({ path, receipts, signers }) => ({
      path,
      receipts: receipts.length,
      store: receipts.at(-1)?.store ?? '',
      sum: receipts.at(-1)?.sum ?? '',
      ...(signers.length > 0 ? { signers } : {}),
    }))
    run.print(summary, () => logs.flatMap(receiptsVerifiedLines))
    return undefined
  },
}

export const receipt: Command = {
  name: 'receipt',
  summary: 'Read the receipts that installs wrote',
  examples: [
    { line: 'receipt show ./usb', does: 'What came back on a stick' },
    { line: 'receipt verify ./usb', does: 'Whether they are unchanged' },
  ],
  subcommands: [show, verify],
}
