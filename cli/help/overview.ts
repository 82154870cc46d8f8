import { COMMANDS, GROUPS } from '../commands/index.js'
import { EVERYWHERE } from '../options/everywhere.js'
import { optionTerm } from './command-help.js'
import { type Item, section, widestTerm, wrapped } from './layout.js'

/** What the program is for, in one sentence. */
export const PURPOSE =
  'Finds, saves, carries and installs operating-system images on hosts without a network.'

/** The help of the whole program: the commands in groups, and the options that all of them take. */
export async function overview(): Promise<string> {
  const commands = await Promise.all(
    COMMANDS.map(async ({ group, load }) => {
      const { name, summary } = await load()
      return { group, term: name, text: summary }
    }),
  )
  const everywhere: Item[] = Object.entries(EVERYWHERE).map(([name, option]) => ({
    term: optionTerm(name, option),
    text: option.describe,
  }))
  const widest = widestTerm([...commands, ...everywhere])
  return [
    ...wrapped(PURPOSE),
    '',
    'containerimage COMMAND [options]',
    ...GROUPS.flatMap((group) =>
      section(
        `${group.charAt(0).toUpperCase()}${group.slice(1)}`,
        commands.filter((one) => one.group === group),
        widest,
      ),
    ),
    ...section('Everywhere', [...everywhere, { term: '-V, --version', text: 'Show the version' }], widest),
    '',
    'containerimage COMMAND --help shows the help of a command.',
    '',
  ].join('\n')
}
