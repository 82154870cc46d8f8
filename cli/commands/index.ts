import type { Command } from '../command/command.js'

/** One command by its names; its file is loaded when it is called, so that start-up stays small. */
export interface CommandEntry {
  names: [string, ...string[]]
  load(): Promise<Command>
}

/** In the order of help. */
export const COMMANDS: CommandEntry[] = [
  { names: ['find'], load: async () => (await import('./find.js')).find },
  { names: ['save'], load: async () => (await import('./save.js')).save },
  { names: ['install'], load: async () => (await import('./install.js')).install },
  { names: ['load'], load: async () => (await import('./load.js')).load },
  { names: ['uninstall'], load: async () => (await import('./uninstall.js')).uninstall },
  { names: ['get', 'images', 'list'], load: async () => (await import('./get.js')).get },
  { names: ['tag'], load: async () => (await import('./tag.js')).tag },
  { names: ['untag'], load: async () => (await import('./untag.js')).untag },
  { names: ['history'], load: async () => (await import('./history.js')).history },
  { names: ['inspect'], load: async () => (await import('./inspect.js')).inspect },
  { names: ['verify'], load: async () => (await import('./verify.js')).verify },
  { names: ['prune'], load: async () => (await import('./prune.js')).prune },
  { names: ['pull'], load: async () => (await import('./pull.js')).pull },
  { names: ['push'], load: async () => (await import('./push.js')).push },
  { names: ['search'], load: async () => (await import('./search.js')).search },
  { names: ['set'], load: async () => (await import('./set.js')).set },
  { names: ['inventory'], load: async () => (await import('./inventory.js')).inventory },
  { names: ['receipt'], load: async () => (await import('./receipt.js')).receipt },
  { names: ['media'], load: async () => (await import('./media.js')).media },
  { names: ['serve'], load: async () => (await import('./serve.js')).serve },
  { names: ['source'], load: async () => (await import('./source.js')).source },
  { names: ['config'], load: async () => (await import('./config.js')).config },
  { names: ['mirror-config'], load: async () => (await import('./mirror-config.js')).mirrorConfig },
  { names: ['completion'], load: async () => (await import('./completion.js')).completion },
  { names: ['help'], load: async () => (await import('./help.js')).help },
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
