import type { Command, OptionDefinition } from '../../cli/command/command.js'
import { syntax } from '../../cli/help/syntax.js'
import { EVERYWHERE } from '../../cli/options/everywhere.js'
import { pascalCase } from '../../cli/words/parameters.js'
import { cmdletsOf, POWERSHELL_NAMES } from '../../cli/words/powershell-names.js'

/** docs/cli.md: every command with its options and examples, from the definitions that parsing uses. */
export function cliPage(commands: Command[]): string {
  return [
    '# The command line',
    '',
    'Written by `npm run docs` from the definitions of the commands; a test compares the two.',
    '',
    "`containerimage` is the command, `cimg` its short name. The PowerShell provider's names also work,",
    `as programs and as the first word after \`containerimage\`: ${Object.keys(POWERSHELL_NAMES).map(code).join(', ')}.`,
    '',
    'Every option has two spellings, `--kebab-case value` and `-PascalCase value`. The second ignores',
    'case; `-Name:value`, `-Switch:$false` and an unambiguous prefix of a name work too. A list is',
    '`a,b` or `a b`. (In a shell where `$` begins a variable, put `-Switch:$false` in quotes.)',
    '',
    'Data goes to stdout; progress, notes and errors go to stderr. With `--json` there is one document on stdout',
    'and nothing else, and the last line on stderr is the error, if there is one, as',
    '`{"error": {"code", "message", "remedy", "details"}}`. The exit codes are in [errors.md](errors.md).',
    '',
    '| command | |',
    '| --- | --- |',
    ...commands.map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`),
    '',
    '## Everywhere',
    '',
    'Every command takes these options. `containerimage --version`, `-V` or `-v` alone prints the version.',
    '',
    "PowerShell's other common parameters are accepted in its spelling: `-Debug` is `-Verbose`; `SilentlyContinue` and",
    '`Ignore` hide errors for `-ErrorAction` (the exit code still tells of them), notes for `-WarningAction` and',
    '`-InformationAction`, progress for `-ProgressAction`; other actions change nothing, and what names a variable, such',
    'as `-OutVariable` and `-ErrorVariable`, is passed over.',
    '',
    ...optionTable(EVERYWHERE),
    ...commands.flatMap((command) => commandSection(command, [], '##')),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .concat('\n')
    .replace(/\n+$/, '\n')
}

function commandSection(command: Command, above: string[], heading: string): string[] {
  const path = [...above, command.name]
  const { aliases = [], positionals = [], options = {}, subcommands = [], examples } = command
  const also = [...aliases, ...(above.length === 0 ? cmdletsOf(command.name) : [])]
  return [
    '',
    `${heading} ${path.join(' ')}`,
    '',
    sentences(command.summary, command.more),
    '',
    ...(subcommands.length > 0 ? [] : [usageLine(command, above), '']),
    ...(also.length > 0 ? [`Also: ${also.map(code).join(', ')}.`, ''] : []),
    ...(positionals.length > 0
      ? [
          '| word | PowerShell | meaning |',
          '| --- | --- | --- |',
          ...positionals.map(
            ({ name, parameters = [], describe, more }) =>
              `| ${code(name)} | ${[pascalCase(name), ...parameters].map((one) => code(`-${one}`)).join(', ')} | ${cell(together(describe, more))} |`,
          ),
          '',
        ]
      : []),
    ...(Object.keys(options).length > 0 ? [...optionTable(options), ''] : []),
    '```sh',
    ...examples.flatMap(({ line, does }) => [`# ${does}`, `containerimage ${line}`]),
    '```',
    ...subcommands.flatMap((one) => commandSection(one, path, `${heading}#`)),
  ]
}

function usageLine(command: Command, above: string[]): string {
  return code(`${syntax(['containerimage', ...above], command)} [options]`)
}

function optionTable(options: Record<string, OptionDefinition>): string[] {
  return [
    '| option | PowerShell | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(options).map(([name, option]) => optionRow(name, option)),
  ]
}

function optionRow(name: string, option: OptionDefinition): string {
  const { aliases = [], parameters = [], placeholder, type, values, required } = option
  const spelt = [name, ...aliases].map((one) => code(one.length === 1 ? `-${one}` : `--${one}`)).join(', ')
  const value = type === 'switch' ? '' : ` ${code(placeholder ?? 'VALUE')}`
  const names = [option.parameter ?? pascalCase(name), ...aliases.map(pascalCase), ...parameters]
  const said = [
    cell(together(option.describe, option.more)),
    ...(values && !values.every((value) => option.describe.includes(value))
      ? [values.map(code).join(' or ')]
      : []),
    ...(required ? ['required'] : []),
  ].join('; ')
  return `| ${spelt}${value} | ${names.map((one) => code(`-${one}`)).join(', ')} | ${said} |`
}

/** A line of help, and what did not fit into it. */
function together(line: string, more: string | undefined): string {
  return more === undefined ? line : `${line}. ${more}`
}

function sentences(line: string, more: string | undefined): string {
  return `${together(line, more)}.`
}

function code(text: string): string {
  return `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*')
}
