import { stat } from 'node:fs/promises'
import { printable, withoutSecrets } from '../../manifests/index.js'
import type { SourceKind, SourceSetting } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { sourceLines } from '../output/sources.js'
import { whatIf } from '../output/what-if.js'

const add: Command = {
  name: 'add',
  summary: 'Register a source',
  positionals: [
    {
      name: 'name',
      required: true,
      called: 'a name for the source, then its location',
      describe: 'Its name',
    },
    {
      name: 'location',
      called: 'the location of the source',
      required: true,
      describe: 'https://host[:port][/prefix], a JSON index, or a folder',
      more: 'Give a JSON index by its path or URL',
      offer: 'files',
    },
  ],
  options: {
    type: {
      type: 'value',
      placeholder: 'TYPE',
      describe: 'What it is, if the location does not tell',
      values: ['registry', 'index', 'folder'],
    },
    insecure: { type: 'switch', describe: 'Allow plain http to another machine' },
    'tag-rule': {
      type: 'value',
      placeholder: 'REGEXP',
      describe: 'Which tags of a registry are versions',
    },
  },
  examples: [
    { line: 'source add lab http://localhost:5000', does: 'A registry on this machine' },
    { line: 'source add stick ./usb', does: 'A folder with archives, layouts and WIMs' },
  ],
  async run(args, run) {
    const name = args.required('name')
    const location = args.required('location')
    if (args.flag('what-if')) {
      const document = { name, location: withoutSecrets(location) }
      run.print(document, () => [whatIf('Register Package Source', `${name} at ${location}`)])
      return undefined
    }
    if (!(await run.agreed('Register Package Source', `${name} at ${location}`))) return undefined
    const library = await import('../../provider/index.js')
    const tagRule = args.text('tag-rule')
    const type = kindOf(args.text('type'))
    const added = await library.addSource({
      name,
      location,
      type,
      insecure: args.flag('insecure') || undefined,
      tagRule,
    })
    const { kind, warning } = await lookAt(added)
    run.report(added, () => [`Added the ${kind} ${added.name} at ${printable(added.location)}.`])
    if (warning !== undefined) run.note(warning)
    return undefined
  },
}

/** What is at the path of a source. */
async function lookAt({ type, location }: SourceSetting): Promise<{ kind: string; warning?: string }> {
  if (type === 'registry' || /^https?:\/\//i.test(location)) return { kind: type }
  const found = await stat(location).catch(() => undefined)
  if (found) return { kind: type === 'folder' && found.isFile() ? 'file' : type }
  return {
    kind: type,
    warning: `There is nothing at ${printable(location)} now. A registry is written https://HOST.`,
  }
}

function kindOf(text: string | undefined): SourceKind | undefined {
  return text === 'registry' || text === 'index' || text === 'folder' ? text : undefined
}

const list: Command = {
  name: 'list',
  summary: 'Show the registered sources in the order in which they are asked',
  examples: [
    { line: 'source list', does: 'As a table' },
    { line: 'source list --json', does: 'For a program' },
  ],
  async run(_args, run) {
    const library = await import('../../provider/index.js')
    const sources = await library.listSources()
    run.print(sources, () => sourceLines(sources, run.columns))
    return undefined
  },
}

const remove: Command = {
  name: 'remove',
  summary: 'Forget a source; its images are not touched',
  positionals: [{ name: 'name', required: true, describe: 'Its name', offer: 'sources' }],
  examples: [
    { line: 'source remove stick', does: 'Forget it' },
    { line: 'source remove stick --what-if', does: 'Only say what would happen' },
  ],
  async run(args, run) {
    const name = args.required('name')
    if (args.flag('what-if')) {
      run.print({ name }, () => [whatIf('Unregister Package Source', name)])
      return undefined
    }
    if (!(await run.agreed('Unregister Package Source', name))) return undefined
    const library = await import('../../provider/index.js')
    const removed = await library.removeSource(name)
    run.report(removed, () => [
      `Removed the ${removed.type} ${removed.name} at ${printable(removed.location)}.`,
    ])
    return undefined
  },
}

export const source: Command = {
  name: 'source',
  summary: 'Add, list and remove sources',
  subcommands: [add, list, remove],
  examples: [
    { line: 'source add stick ./usb', does: 'A folder with archives' },
    { line: 'source list', does: 'All of them' },
  ],
}
