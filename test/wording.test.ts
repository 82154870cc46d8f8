import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Command } from '../cli/command/command.js'
import { allCommands } from '../cli/commands/index.js'
import { EVERYWHERE } from '../cli/options/everywhere.js'
import { COMMAND_LINE, wordingFor } from '../cli/words/wording.js'
import {
  defaultRemedy,
  ERROR_CODES,
  type ErrorCode,
  OPTION_NAMES,
  option,
  speak,
} from '../manifests/index.js'
import { unknownOptions } from './cli/command/known-options.js'
import { sourceFiles } from './source-files.js'

/** What starts other programs with options of theirs, or writes lines that are typed later. */
const OTHER_PROGRAMS = [
  'provider/engine/containerd/',
  'provider/engine/podman/',
  'provider/formats/media/page/',
  'provider/gate/gate.ts',
  'provider/tool/',
  'provider/verbs/mirror-config/',
]

describe('the words of messages', () => {
  const library = [...sourceFiles()].filter(
    ([file]) => !file.startsWith('cli/') && !OTHER_PROGRAMS.some((one) => file.startsWith(one)),
  )

  it('have no option of the command line in the library', async () => {
    const names = await optionsTyped()
    expect(names.size).to.be.greaterThan(50)
    const found = library.flatMap(([file, text]) =>
      code(text).flatMap((line) =>
        [...line.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)]
          .filter(([, name = '']) => names.has(name))
          .map(([flag]) => `${file}: ${flag}`),
      ),
    )
    expect(found).to.deep.equal([])
  })

  it('have no line for a shell in the library', () => {
    const found = library.flatMap(([file, text]) =>
      code(text)
        .filter(
          (line) =>
            /`containerimage [a-z-]+[ `]/.test(line.replaceAll('\\`', '`')) && !line.includes('hash.'),
        )
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(found).to.deep.equal([])
  })

  it('name only options that the command line has', async () => {
    const names = await optionsTyped()
    const spelt = OPTION_NAMES.map((name) => COMMAND_LINE.option(name).replace(/^--/, ''))
    expect(spelt.filter((name) => !names.has(name))).to.deep.equal([])
  })

  it('name only options that the library has, and the one that asks for JSON', () => {
    const page = readFileSync('docs/api.md', 'utf8')
    const unknown = OPTION_NAMES.filter((name) => !new RegExp(`\\b${name}\\??(\`|:)`).test(page))
    expect(unknown).to.deep.equal(['json'])
  })

  it('advise no option that the running command does not have', async () => {
    const commands = (await allCommands()).flatMap((one) => one.subcommands ?? [one])
    for (const command of commands) {
      const unspoken = speak(wordingFor(COMMAND_LINE, Object.keys({ ...EVERYWHERE, ...command.options })))
      try {
        for (const errorCode of Object.keys(ERROR_CODES) as ErrorCode[]) {
          const remedy = defaultRemedy(errorCode)
          expect(
            await unknownOptions(remedy, command),
            `${command.name}, ${errorCode}: ${remedy}`,
          ).to.deep.equal([])
        }
      } finally {
        unspoken()
      }
    }
  })

  it('are those of the last who asked for theirs', () => {
    expect(option('onlyVolume')).to.equal('`onlyVolume`')
    const first = speak(COMMAND_LINE)
    const second = speak({ ...COMMAND_LINE, option: (name) => `/${name}` })
    expect(option('onlyVolume')).to.equal('/onlyVolume')
    first()
    expect(option('onlyVolume')).to.equal('/onlyVolume')
    second()
    expect(option('onlyVolume')).to.equal('`onlyVolume`')
  })
})

/** The names of all options that the command line takes. */
async function optionsTyped(): Promise<Set<string>> {
  const below = (commands: Command[]): Command[] =>
    commands.flatMap((one) => [one, ...below(one.subcommands ?? [])])
  const tables = below(await allCommands()).map(({ options = {} }) => options)
  return new Set([EVERYWHERE, ...tables].flatMap((table) => Object.keys(table)))
}

/** The lines that are not comments. */
function code(text: string): string[] {
  return text.split('\n').filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
}
