import type { Command } from '../command/command.js'

/** What the commands are for, in the order in which help lists them. */
export const GROUPS = [
  'find and save',
  'install and remove',
  'look inside',
  'cross the gap',
  'trust',
  'registries',
  'settings',
] as const

/** One command by its names; its file is loaded when it is called, so that start-up stays small. */
export interface CommandEntry {
  /** The heading under which help lists it. */
  group: (typeof GROUPS)[number]
  names: [string, ...string[]]
  load(): Promise<Command>
}

/** In the order of help; a new command is one line here. */
export const COMMANDS: CommandEntry[] = [
  { group: 'find and save', names: ['find'], load: async () => (await import('./find.js')).find },
  { group: 'find and save', names: ['save'], load: async () => (await import('./save.js')).save },
  { group: 'find and save', names: ['set'], load: async () => (await import('./set.js')).set },
  { group: 'find and save', names: ['search'], load: async () => (await import('./search.js')).search },
  {
    group: 'install and remove',
    names: ['install'],
    load: async () => (await import('./install.js')).install,
  },
  { group: 'install and remove', names: ['load'], load: async () => (await import('./load.js')).load },
  {
    group: 'install and remove',
    names: ['uninstall', 'rmi', 'rm'],
    load: async () => (await import('./uninstall.js')).uninstall,
  },
  {
    group: 'install and remove',
    names: ['get', 'images', 'list', 'ls'],
    load: async () => (await import('./get.js')).get,
  },
  {
    group: 'install and remove',
    names: ['commit'],
    load: async () => (await import('./commit.js')).commit,
  },
  {
    group: 'install and remove',
    names: ['import'],
    load: async () => (await import('./import.js')).importTar,
  },
  { group: 'install and remove', names: ['tag'], load: async () => (await import('./tag.js')).tag },
  { group: 'install and remove', names: ['untag'], load: async () => (await import('./untag.js')).untag },
  { group: 'install and remove', names: ['store'], load: async () => (await import('./store.js')).store },
  { group: 'install and remove', names: ['prune'], load: async () => (await import('./prune.js')).prune },
  { group: 'look inside', names: ['inspect'], load: async () => (await import('./inspect.js')).inspect },
  { group: 'look inside', names: ['history'], load: async () => (await import('./history.js')).history },
  { group: 'look inside', names: ['files'], load: async () => (await import('./files.js')).files },
  { group: 'look inside', names: ['unpack'], load: async () => (await import('./unpack.js')).unpack },
  { group: 'look inside', names: ['packages'], load: async () => (await import('./packages.js')).packages },
  {
    group: 'look inside',
    names: ['diff'],
    load: async () => (await import('./diff.js')).diff,
  },
  { group: 'look inside', names: ['verify'], load: async () => (await import('./verify.js')).verify },
  { group: 'look inside', names: ['ui'], load: async () => (await import('./ui.js')).ui },
  {
    group: 'look inside',
    names: ['vulnerabilities'],
    load: async () => (await import('./vulnerabilities.js')).vulnerabilities,
  },
  {
    group: 'look inside',
    names: ['database'],
    load: async () => (await import('./database.js')).database,
  },
  {
    group: 'cross the gap',
    names: ['inventory'],
    load: async () => (await import('./inventory.js')).inventory,
  },
  { group: 'cross the gap', names: ['receipt'], load: async () => (await import('./receipt.js')).receipt },
  { group: 'cross the gap', names: ['media'], load: async () => (await import('./media.js')).media },
  { group: 'trust', names: ['key'], load: async () => (await import('./key.js')).key },
  { group: 'trust', names: ['trust'], load: async () => (await import('./trust.js')).trust },
  { group: 'registries', names: ['pull'], load: async () => (await import('./pull.js')).pull },
  { group: 'registries', names: ['push'], load: async () => (await import('./push.js')).push },
  { group: 'registries', names: ['copy', 'cp'], load: async () => (await import('./copy.js')).copy },
  { group: 'registries', names: ['tags'], load: async () => (await import('./tags.js')).tags },
  { group: 'registries', names: ['login'], load: async () => (await import('./login.js')).login },
  { group: 'registries', names: ['logout'], load: async () => (await import('./logout.js')).logout },
  { group: 'registries', names: ['serve'], load: async () => (await import('./serve.js')).serve },
  {
    group: 'registries',
    names: ['mirror-config'],
    load: async () => (await import('./mirror-config.js')).mirrorConfig,
  },
  { group: 'settings', names: ['source'], load: async () => (await import('./source.js')).source },
  { group: 'settings', names: ['config'], load: async () => (await import('./config.js')).config },
  {
    group: 'settings',
    names: ['completion'],
    load: async () => (await import('./completion.js')).completion,
  },
  { group: 'settings', names: ['version'], load: async () => (await import('./version.js')).version },
  { group: 'settings', names: ['help'], load: async () => (await import('./help.js')).help },
]

/** Every name of every command. */
export function commandNames(): string[] {
  return COMMANDS.flatMap((entry) => entry.names)
}

export async function allCommands(): Promise<Command[]> {
  return await Promise.all(COMMANDS.map((entry) => entry.load()))
}

/** The command of a name; undefined if there is none. */
export async function commandNamed(name: string): Promise<Command | undefined> {
  return await COMMANDS.find((entry) => entry.names.includes(name))?.load()
}
