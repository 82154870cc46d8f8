import { printable, withoutSecrets } from '../../manifests/index.js'
import type { Command, PositionalDefinition } from '../command/command.js'
import { MIRROR_OPTIONS, mirrorsOf } from '../options/mirrors.js'
import { table } from '../output/table.js'
import { whatIf } from '../output/what-if.js'

const KEY: PositionalDefinition = {
  name: 'key',
  required: true,
  describe: 'Such as store, platform, mirrors.REGISTRY',
  more: 'In full: store, ca-file, platform, advisories, gate, policy, mirrors.REGISTRY, or registries.REGISTRY.realm',
  parameters: ['Name'],
  offer: 'settings',
}

const get: Command = {
  name: 'get',
  summary: 'Show one setting',
  positionals: [KEY],
  examples: [
    { line: 'config get store', does: 'The folder of the store, if it is set' },
    { line: 'config get platform --json', does: 'For a program' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const key = args.required('key')
    const value = await library.getSetting(key)
    run.print({ key, value: value ?? null }, () => (value === undefined ? [] : [printable(value)]))
    return undefined
  },
}

const set: Command = {
  name: 'set',
  summary: 'Change a setting, or remove it with an empty value',
  positionals: [
    KEY,
    {
      name: 'value',
      required: true,
      mayBeEmpty: true,
      describe: "The value; for mirrors their URLs; '' removes it",
      offer: 'files',
    },
  ],
  options: MIRROR_OPTIONS,
  examples: [
    { line: 'config set store /srv/images', does: 'Where images are installed' },
    {
      line: 'config set mirrors.mcr.microsoft.com https://site.example:5000/mirror',
      does: "Ask the site's own registry first",
    },
    {
      line: 'config set mirrors.* https://site.example:5000 --no-upstream',
      does: 'For every registry, ask only the site',
    },
  ],
  async run(args, run) {
    const key = args.required('key')
    const value = args.required('value') || undefined
    const mirrors = mirrorsOf(key, value, args)
    const target = value === undefined ? `${key} to nothing` : `${key} to ${value}`
    if (args.flag('what-if')) {
      run.print({ key, value: shown(value) }, () => [whatIf('Set Setting', target)])
      return undefined
    }
    if (!(await run.agreed('Set Setting', target))) return undefined
    const library = await import('../../provider/index.js')
    if (mirrors) await library.setMirrors(mirrors)
    else await library.setSetting(key, value)
    const kept = mirrors ? await library.getSetting(key) : value
    run.report({ key, value: shown(kept) }, () => [
      `Set ${printable(key)} to ${printable(shown(kept) ?? 'nothing')}.`,
    ])
    return undefined
  },
}

/** What is not a setting may be a location with a password in it. */
function shown(value: string | undefined): string | null {
  return value === undefined ? null : withoutSecrets(value)
}

const list: Command = {
  name: 'list',
  summary: 'Show every setting that has a value',
  examples: [
    { line: 'config list', does: 'As a table' },
    { line: 'config list --json', does: 'For a program' },
  ],
  async run(_args, run) {
    const library = await import('../../provider/index.js')
    const settings = await library.listSettings()
    run.print(settings, () =>
      table([{ title: 'KEY' }, { title: 'VALUE' }], Object.entries(settings), { gap: 3 }),
    )
    return undefined
  },
}

const path: Command = {
  name: 'path',
  summary: 'Show the file that holds the settings',
  examples: [
    { line: 'config path', does: 'Its path' },
    { line: 'config path --json', does: 'For a program' },
  ],
  async run(_args, run) {
    const library = await import('../../provider/index.js')
    const file = await library.settingsPath()
    run.print({ path: file }, () => [file])
    return undefined
  },
}

export const config: Command = {
  name: 'config',
  summary: 'Read and change the settings',
  subcommands: [get, set, list, path],
  examples: [
    { line: 'config list', does: 'Every setting that has a value' },
    { line: 'config set store /srv/images', does: 'Where images are installed' },
  ],
}
