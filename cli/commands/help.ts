import type { Command } from '../command/command.js'

/** Answered by parsing: help is only text. */
export const help: Command = {
  name: 'help',
  summary: 'Show the help of a command',
  positionals: [{ name: 'command', many: true, describe: 'A command; default: all', offer: 'commands' }],
  examples: [
    { line: 'help', does: 'All commands' },
    { line: 'help source add', does: 'One command' },
  ],
}
