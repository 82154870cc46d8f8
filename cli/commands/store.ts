import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { NETWORK, networkOf } from '../options/network.js'
import { checkedStoreLines } from '../output/checked-store.js'

const check: Command = {
  name: 'check',
  summary: 'Find what is damaged in the store, and repair it',
  more: 'Every blob is read. Only bytes with the right digest get in; the next run continues one that was stopped',
  options: {
    repair: {
      type: 'switch',
      describe: 'Restore what is damaged or missing',
      more: 'A lost index is rebuilt, and useless leftovers of killed runs are removed',
    },
    from: {
      type: 'list',
      placeholder: 'SOURCE',
      describe: 'Where to get blobs from; may be repeated',
      more: 'The path of an archive, media, folder or store; a reference; an engine (docker:); the name of a source. Registries that the images came from are asked last',
      offer: 'files',
    },
    ...NETWORK,
  },
  examples: [
    { line: 'store check', does: 'What is damaged, and which images need it' },
    { line: 'store check --from ./usb', does: 'Also which of that is on this media' },
    { line: 'store check --repair --from ./usb', does: 'Restore it from there' },
  ],
  async run(args, run) {
    const repair = args.flag('repair')
    if (repair && !(await run.agreed('Repair Store', 'what is damaged or missing'))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.storeCheck({
      ...commonOf(args, run),
      ...networkOf(args),
      repair,
      from: args.list('from'),
    })
    run.print(result, () => checkedStoreLines(result, { isQuiet: run.quiet, isWhatIf: args.flag('what-if') }))
    return result.ok ? undefined : library.ERROR_CODES.VERIFICATION_FAILED.exit
  },
}

export const store: Command = {
  name: 'store',
  summary: 'Check and repair the store',
  examples: [
    { line: 'store check', does: 'What is damaged, and where to get it' },
    { line: 'store check --repair --from ./usb', does: 'Restore it from a media' },
  ],
  subcommands: [check],
}
