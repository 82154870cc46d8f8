import type { Command, OptionDefinition, PositionalDefinition } from '../../cli/command/command.js'
import { COMMANDS, GROUPS } from '../../cli/commands/index.js'
import { optionTerm } from '../../cli/help/command-help.js'
import { PURPOSE } from '../../cli/help/overview.js'
import { syntax } from '../../cli/help/syntax.js'
import { EVERYWHERE } from '../../cli/options/everywhere.js'
import { cmdletsOf, POWERSHELL_NAMES } from '../../cli/words/powershell-names.js'
import { VERSION } from '../../manifests/program.js'
import { EXITS } from './errors-page.js'

const ENVIRONMENT: [string, string][] = [
  ['CONTAINERIMAGE_STORE', 'Folder of the store, where --store is not given.'],
  ['CONTAINERIMAGE_CONFIG_DIR', 'Folder of the settings.'],
  ['CONTAINERIMAGE_CTR, CONTAINERIMAGE_PODMAN', 'The clients of containerd and podman.'],
  [
    'DOCKER_HOST, CONTAINER_HOST, CONTAINERD_ADDRESS',
    "Where docker's, podman's and containerd's own clients look.",
  ],
  ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'How registries and URLs are reached.'],
  ['NO_COLOR', 'No colours.'],
]

/** docs/containerimage.1: the same as docs/cli.md, for man(1). It has no date, so that it is the same everywhere. */
export async function manPage(): Promise<string> {
  const commands = await Promise.all(
    COMMANDS.map(async ({ group, load }) => ({ group, command: await load() })),
  )
  return [
    `.TH CONTAINERIMAGE 1 "" "containerimage ${VERSION}" "User commands"`,
    // Names must not be broken, nor lines spread.
    '.nh',
    '.ad l',
    '.SH NAME',
    'containerimage, cimg \\- find, save, carry and install operating\\-system images',
    '.SH SYNOPSIS',
    '\\fBcontainerimage\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    text(PURPOSE),
    '.PP',
    text(
      'Every option has two spellings, --kebab-case VALUE and -PascalCase VALUE; a list is a,b or a b. Data goes to stdout; progress, notes and errors go to stderr.',
    ),
    '.PP',
    text(
      `PowerShell's names are programs too, and first words: ${Object.keys(POWERSHELL_NAMES).join(', ')}.`,
    ),
    ...GROUPS.flatMap((group) => [
      `.SH ${text(group.toUpperCase())}`,
      ...commands.filter((one) => one.group === group).flatMap(({ command }) => commandSection(command, [])),
    ]),
    '.SH EVERYWHERE',
    'Every command takes these options.',
    ...optionItems(EVERYWHERE),
    '.SH EXIT STATUS',
    ...Object.entries(EXITS).flatMap(([code, meaning]) => item(`\\fB${code}\\fR`, `${meaning}.`)),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([names, meaning]) => item(`\\fB${text(names)}\\fR`, meaning)),
    '.SH SEE ALSO',
    '\\fBdocker\\fR(1), \\fBpodman\\fR(1), \\fBskopeo\\fR(1), \\fBctr\\fR(8)',
    '',
  ].join('\n')
}

function commandSection(command: Command, above: readonly string[]): string[] {
  const { name, summary, more, positionals = [], options = {}, subcommands = [], examples } = command
  const path = [...above, name]
  const also = [...(command.aliases ?? []), ...(above.length === 0 ? cmdletsOf(name) : [])]
  return [
    `.SS ${text(path.join(' '))}`,
    text(`${sentence(summary)}${more === undefined ? '' : ` ${sentence(more)}`}`),
    ...(subcommands.length > 0
      ? []
      : ['.PP', `\\fB${text(syntax(['containerimage', ...above], command))}\\fR [\\fIoptions\\fR]`]),
    ...(also.length > 0 ? ['.PP', text(`Also: ${also.join(', ')}.`)] : []),
    ...positionals.flatMap((one) => item(`\\fI${text(one.name)}\\fR`, meaning(one))),
    ...optionItems(options),
    '.PP',
    'For example:',
    '.PP',
    '.nf',
    ...examples.flatMap(({ line, does }) => [
      `    ${text(`# ${does}`)}`,
      `    ${text(`containerimage ${line}`)}`,
    ]),
    '.fi',
    ...subcommands.flatMap((one) => commandSection(one, path)),
  ]
}

function optionItems(options: Record<string, OptionDefinition>): string[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const others = (option.aliases ?? []).filter((alias) => alias.length > 1).map((alias) => `--${alias}`)
    const [names, value] = optionTerm(name, option).split(/ (?=[^-])/)
    const placeholder = value === undefined ? '' : ` \\fI${text(value)}\\fR`
    return item(`\\fB${text([names, ...others].join(', '))}\\fR${placeholder}`, meaning(option))
  })
}

function meaning({
  describe,
  more,
}: Pick<OptionDefinition | PositionalDefinition, 'describe' | 'more'>): string {
  return more === undefined ? sentence(describe) : `${sentence(describe)} ${sentence(more)}`
}

function sentence(line: string): string {
  return `${line}.`
}

/** A term, and its meaning, indented. */
function item(term: string, meant: string): string[] {
  return ['.TP', term, text(meant)]
}

/** Text in the form that roff reads: hyphens can be copied as hyphens, and no line begins with a request. */
function text(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(/^\./, '\\&.')
}
