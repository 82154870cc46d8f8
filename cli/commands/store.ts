import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { NETWORK, networkOf } from '../options/network.js'
import { checkedStoreLines } from '../output/checked-store.js'

const check: Command = {
  name: 'check',
  summary: 'Say what is damaged in the store, and bring it back',
  more: 'Every blob is read. Only bytes with the right digest get in; a run that was stopped is continued by the next',
  options: {
    repair: {
      type: 'switch',
      describe: 'Bring back what is damaged or missing',
      more: 'A lost index is made again, and what killed runs left and no run can use is removed',
    },
    from: {
      type: 'list',
      placeholder: 'SOURCE',
      describe: 'Where blobs may be had; may be repeated',
      more: 'An archive, media, folder or store by its path; a reference; an engine (docker:); a source by its name. Registries that the images came from are asked last',
      offer: 'files',
    },
    ...NETWORK,
  },
  examples: [
    { line: 'store check', does: 'What is damaged, and which images need it' },
    { line: 'store check --from ./usb', does: 'And what of it this media has' },
    { line: 'store check --repair --from ./usb', does: 'Bring it back from there' },
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
  summary: 'Tend the store',
  examples: [
    { line: 'store check', does: 'What is damaged, and where it can be had' },
    { line: 'store check --repair --from ./usb', does: 'Bring it back from a media' },
  ],
  subcommands: [check],
}
