import type { CommonOptions } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'
import type { Run } from '../command/run.js'

/** Options that every command takes. */
export const EVERYWHERE: Record<string, OptionDefinition> = {
  store: {
    type: 'value',
    placeholder: 'DIR',
    describe: 'Folder of the store',
    more: 'Without it CONTAINERIMAGE_STORE says which, or else the settings',
    offer: 'folders',
  },
  json: {
    type: 'switch',
    describe: 'JSON on stdout, and errors as JSON on stderr',
    more: 'stdout has one document and nothing else',
  },
  quiet: { type: 'switch', describe: 'Only the data: no progress, no notes', parameters: ['q'] },
  verbose: { type: 'switch', describe: 'Say more, especially about errors', parameters: ['vb'] },
  progress: {
    type: 'value',
    placeholder: 'HOW',
    describe: 'auto, none, or json for JSON lines on stderr',
    more: 'json is for other programs',
    values: ['auto', 'json', 'none'],
  },
  'no-progress': { type: 'switch', describe: 'No progress, but notes' },
  'what-if': { type: 'switch', describe: 'Say what would happen, but change nothing', parameters: ['wi'] },
  confirm: { type: 'switch', describe: 'Ask before anything is changed', parameters: ['cf'] },
  help: { type: 'switch', describe: 'Show this help', aliases: ['h'], parameters: ['?'] },
}

/** What every verb of the library takes, as this command line has it. */
export function commonOf(args: Arguments, run: Run): CommonOptions {
  return {
    store: args.text('store'),
    signal: run.signal,
    onProgress: run.onProgress,
    whatIf: args.flag('what-if'),
    stdin: run.stdin,
    identity: args.list('identity'),
  }
}
