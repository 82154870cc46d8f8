import type { Command } from '../command/command.js'
import { PASSPHRASE, passphraseOf } from '../options/signatures.js'
import { generatedLines, wouldGenerateLines } from '../output/trusted-keys.js'

const generate: Command = {
  name: 'generate',
  summary: 'Make a key pair for signing',
  positionals: [
    {
      name: 'path',
      required: true,
      describe: 'Where to put the secret key; NAME.pub goes beside it',
      offer: 'files',
    },
  ],
  options: {
    ...PASSPHRASE,
    'no-passphrase': {
      type: 'switch',
      describe: 'Whoever has the file can use the key',
    },
    force: { type: 'switch', describe: 'Overwrite files' },
  },
  examples: [
    { line: 'key generate ./site.key', does: 'Asks for a passphrase; ./site.pub is for the other side' },
    { line: 'key generate ./ci.key --no-passphrase', does: 'For a program, when nobody can be asked' },
  ],
  async run(args, run) {
    const path = args.required('path')
    if (!(await run.agreed('Generate Key', path))) return undefined
    const library = await import('../../provider/index.js')
    const made = await library.keyGenerate({
      path,
      passphrase: passphraseOf(args, run, true),
      noPassphrase: args.flag('no-passphrase'),
      force: args.flag('force'),
      whatIf: args.flag('what-if'),
    })
    if (args.flag('what-if')) run.print(made, () => wouldGenerateLines(made))
    else run.report(made, () => generatedLines(made))
    return undefined
  },
}

export const key: Command = {
  name: 'key',
  summary: 'Make keys for signing',
  subcommands: [generate],
  examples: [
    { line: 'key generate ./site.key', does: 'A key with a passphrase' },
    { line: 'key generate ./ci.key --no-passphrase', does: 'For a program that signs' },
  ],
}
