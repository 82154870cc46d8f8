import type { Command } from '../command/command.js'
import { DATABASE } from '../options/database.js'
import { commonOf } from '../options/everywhere.js'
import { NETWORK, networkOf } from '../options/network.js'
import { databaseChangeLines, databaseLines } from '../output/databases.js'

const add: Command = {
  name: 'add',
  summary: 'Add advisories: what publishers export, or what a media carries',
  more: 'Zips, folders or single files of OSV records, the JSON of the Debian security tracker, files of the Alpine secdb; a source of the same name is replaced as a whole',
  positionals: [
    {
      name: 'file',
      required: true,
      many: true,
      describe: 'Files, folders, or a media',
      offer: 'files',
    },
  ],
  options: { database: DATABASE },
  examples: [
    { line: 'database add ./Debian/all.zip ./npm/all.zip', does: 'Two exports from osv.dev' },
    { line: 'database add ./usb', does: 'What a media carries' },
  ],
  async run(args, run) {
    const paths = args.list('file') ?? []
    if (!(await run.agreed('Add Advisories', paths.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const changed = await library.databaseAdd({
      ...commonOf(args, run),
      paths,
      database: args.text('database'),
    })
    run.report(changed, () => databaseChangeLines(changed, args.flag('what-if')))
    return undefined
  },
}

const list: Command = {
  name: 'list',
  summary: 'Show the sources of the database, and how old they are',
  options: { database: DATABASE },
  examples: [
    { line: 'database list', does: 'As a table' },
    { line: 'database list --json', does: 'With the number of entries of each release' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const found = await library.databaseList({ ...commonOf(args, run), database: args.text('database') })
    run.print(found, () => databaseLines(found, run.now, run.columns))
    return undefined
  },
}

const remove: Command = {
  name: 'remove',
  summary: 'Remove sources',
  positionals: [{ name: 'name', required: true, many: true, describe: 'Names, as shown in the list' }],
  options: { database: DATABASE },
  examples: [
    { line: "database remove 'OSV npm'", does: 'One of them' },
    { line: "database remove 'OSV npm' --what-if", does: 'Only say what would happen' },
  ],
  async run(args, run) {
    const names = args.list('name') ?? []
    if (!(await run.agreed('Remove Advisories', names.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const changed = await library.databaseRemove({
      ...commonOf(args, run),
      names,
      database: args.text('database'),
    })
    run.report(changed, () => databaseChangeLines(changed, args.flag('what-if')))
    return undefined
  },
}

const update: Command = {
  name: 'update',
  summary: 'Fetch newer advisories from their publishers, over the network',
  positionals: [
    {
      name: 'what',
      many: true,
      describe: 'A URL, osv:ECOSYSTEM, debian, or alpine:v3.22/main',
      more: 'Without it, those in the setting `advisories`, or else the sources that the database has',
    },
  ],
  options: { database: DATABASE, ...NETWORK },
  examples: [
    { line: 'database update osv:Debian osv:npm', does: 'Two exports from osv.dev' },
    { line: 'database update', does: 'The sources that it already has' },
  ],
  async run(args, run) {
    const what = args.list('what')
    if (!(await run.agreed('Update Advisories', what?.join(', ') ?? 'all sources'))) return undefined
    const library = await import('../../provider/index.js')
    const changed = await library.databaseUpdate({
      ...commonOf(args, run),
      ...networkOf(args),
      what,
      database: args.text('database'),
    })
    run.report(changed, () => databaseChangeLines(changed, args.flag('what-if')))
    return undefined
  },
}

export const database: Command = {
  name: 'database',
  summary: 'Manage the database of package advisories',
  subcommands: [add, list, remove, update],
  examples: [
    { line: 'database add ./Debian/all.zip', does: 'An export from osv.dev' },
    { line: 'database list', does: 'What there is, and how old' },
  ],
}
