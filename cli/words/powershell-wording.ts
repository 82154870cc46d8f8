import type { Wording } from '../../manifests/index.js'
import { cmdletFor } from './cmdlets.js'
import { pascalCase } from './parameters.js'
import { COMMAND_LINE } from './wording.js'

/** How messages spell options and commands for people who type cmdlets. */
export const POWERSHELL: Wording = {
  option: (name) => parameter(COMMAND_LINE.option(name)),
  command: (verb, following) => `\`${cmdletLine([verb, ...following])}\``,
  remedies: {
    UNEXPECTED: 'Run the cmdlet again with -Verbose and report what it prints.',
    USAGE: 'See `Get-Help about_ContainerImage`, or Get-Help with the name of the cmdlet.',
    FORMAT_UNKNOWN: 'See the formats in `Get-Help Save-ContainerImage -Parameter Format`.',
  },
}

/** A command line as a line of PowerShell. */
function cmdletLine(words: string[]): string {
  const length = [2, 1].find((count) => cmdletFor(words.slice(0, count)) !== undefined) ?? 0
  const cmdlet = cmdletFor(words.slice(0, length))
  if (words.at(-1) === '--help') return `Get-Help ${cmdlet ?? 'about_ContainerImage'}`
  return [cmdlet ?? 'containerimage', ...words.slice(length).map(parameter)].join(' ')
}

/** `--all-versions` as `-AllVersions`; any other word as it is. */
function parameter(word: string): string {
  return word.replace(/^--([a-z][a-z-]*)$/, (_, name: string) => `-${pascalCase(name)}`)
}
