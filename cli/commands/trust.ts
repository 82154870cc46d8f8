import type { Command } from '../command/command.js'
import { addedSignerLines, signerLines } from '../output/trusted-keys.js'
import { whatIf } from '../output/what-if.js'

const add: Command = {
  name: 'add',
  summary: 'Trust a key; from then on images must be signed',
  positionals: [
    { name: 'key', required: true, describe: 'The file of a public key, or the line in it', offer: 'files' },
  ],
  options: {
    name: { type: 'value', placeholder: 'NAME', describe: 'What messages call it; default: its id' },
    for: {
      type: 'list',
      placeholder: 'PATTERN',
      parameter: 'ForImage',
      describe: 'Names it may sign, such as debian*; default: all',
    },
  },
  examples: [
    { line: 'trust add ./site.pub --name build', does: 'It may sign everything' },
    { line: "trust add ./lab.pub --name lab --for 'debian*'", does: 'Only images with such names' },
  ],
  async run(args, run) {
    const key = args.required('key')
    if (!(await run.agreed('Trust Key', key))) return undefined
    const library = await import('../../provider/index.js')
    const added = await library.trustAdd({
      key,
      name: args.text('name'),
      patterns: args.list('for'),
      whatIf: args.flag('what-if'),
    })
    if (args.flag('what-if')) run.print(added, () => [whatIf('Trust Key', `${added.name} (${added.id})`)])
    else run.report(added, () => addedSignerLines(added))
    return undefined
  },
}

const list: Command = {
  name: 'list',
  summary: 'Show the trusted keys, and what each may sign',
  examples: [
    { line: 'trust list', does: 'As a table' },
    { line: 'trust list --json', does: 'For a program' },
  ],
  async run(_args, run) {
    const library = await import('../../provider/index.js')
    const signers = await library.trustList()
    run.print(signers, () => signerLines(signers, run.columns))
    return undefined
  },
}

const remove: Command = {
  name: 'remove',
  summary: 'Stop trusting a key',
  positionals: [{ name: 'name', required: true, describe: 'Its name, or its id' }],
  examples: [
    { line: 'trust remove lab', does: 'What it signed is no longer accepted' },
    { line: 'trust remove lab --what-if', does: 'Only say what would happen' },
  ],
  async run(args, run) {
    const name = args.required('name')
    if (!(await run.agreed('Remove Trusted Key', name))) return undefined
    const library = await import('../../provider/index.js')
    const removed = await library.trustRemove(name, { whatIf: args.flag('what-if') })
    const label = `${removed.name} (${removed.id})`
    if (args.flag('what-if')) run.print(removed, () => [whatIf('Remove Trusted Key', label)])
    else run.report(removed, () => [`${label} is no longer trusted.`])
    return undefined
  },
}

export const trust: Command = {
  name: 'trust',
  summary: 'Decide whose signatures count',
  subcommands: [add, list, remove],
  examples: [
    { line: 'trust add ./site.pub --name build', does: 'Accept only what this key has signed' },
    { line: 'trust list', does: 'All of them' },
  ],
}
