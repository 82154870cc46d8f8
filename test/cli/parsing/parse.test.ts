import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { Command } from '../../../cli/command/command.js'
import { allCommands, COMMANDS } from '../../../cli/commands/index.js'
import { wordsOf } from '../../../cli/completion/words.js'
import { parse } from '../../../cli/parsing/parse.js'
import { COMMAND_LINE } from '../../../cli/words/wording.js'
import { ContainerImageError, speak } from '../../../manifests/index.js'
import { scratch } from '../../scratch.js'

describe('reading a command line', () => {
  let unspoken: () => void
  before(() => {
    unspoken = speak(COMMAND_LINE)
  })
  after(() => unspoken())

  /** Each is refused with exit code 2 and a message that holds this text. */
  const REFUSED: [string, string][] = [
    ['fnid debian', "There is no command 'fnid'. Did you mean find?"],
    ['source ad x y', 'Did you mean add?'],
    ['source', 'source needs a command'],
    ['find --verison 1', 'Unknown option --verison. Did you mean --version'],
    ['find --Platform x', 'Unknown option --Platform. Did you mean --platform?'],
    ['find -Plattform x', "matches parameter name 'Plattform'. Did you mean -Platform?"],
    ['find -M 1', 'Possible matches include: -MinimumVersion -MaximumVersion.'],
    ['find --platform', '--platform needs a value'],
    ['find --platform --json', '--platform needs a value'],
    ['find -Platform -Json', "Missing an argument for parameter 'Platform'"],
    ['find --source a --source b', "parameter 'Source' is specified more than once"],
    ['find -Name a -Name b', "parameter 'Name' is specified more than once"],
    ['find -Json:maybe', "$true or $false, not 'maybe'"],
    ['find --json=maybe', "$true or $false, not 'maybe'"],
    ['find -Json:', 'has no value'],
    ['save', 'save needs at least one name'],
    ['save x', 'save needs --path PATH'],
    [
      'save x --path p --format tar',
      "--format is oci-archive or docker-archive or media or wim or zip or 7z, not 'tar'",
    ],
    ['tag', 'tag needs the name of an installed image, then its new names.'],
    ['tag a', 'tag needs a new name for the image.'],
    ['diff', 'diff needs two images to compare.'],
    ['diff a', 'diff needs a second image, to compare the first with.'],
    ['packages', 'packages needs an image: its name, or the path of an archive.'],
    ['unpack a', 'unpack needs a folder to unpack into.'],
    ['commit ./a', 'commit needs a name for the new image.'],
    ['media remove ./a', 'media remove needs the name of at least one image.'],
    ['source add a b c', "accepts argument 'c'"],
    ['find -ErrorAction Sometimes', "'Sometimes' is not an action"],
    ['find --error-action Stop', 'Unknown option --error-action'],
    ['untag -- -x', "'-x' begins with a dash"],
    ['completion tcsh', "shell is bash or zsh or fish or powershell, not 'tcsh'"],
    ['source add n l --type wim', "--type is registry or index or folder, not 'wim'"],
    ['ship x', "There is no command 'ship'"],
    ['install x --engine rkt', "--engine is docker or podman or containerd or auto, not 'rkt'"],
    ['help fnid', "There is no command 'fnid'"],
    ['--nonsense', 'Unknown option --nonsense'],
  ]
  for (const [line, message] of REFUSED)
    it(`refuses: ${line}`, async () => {
      const error = await refusal(wordsOf(line))
      expect(error.code).to.equal('USAGE')
      expect(error.exitCode).to.equal(2)
      expect(error.message).to.contain(message)
      expect(error.remedy).to.match(/--help|quotes|Write/)
    })

  it('prefers a parameter of the command to a common one, as PowerShell does', async () => {
    expect(await values(['find', '-Ver', '1'])).to.deep.equal({ 'required-version': '1' })
    expect(await values(['get', '-Ver'])).to.deep.equal({ verbose: true })
    expect(await values(['find', '-S', 'x'])).to.deep.equal({ source: 'x' })
    expect(await values(['get', '-S', 'x'])).to.deep.equal({ store: 'x' })
  })

  it('keeps a name with a comma whole where a file has it', async () => {
    const { folder, remove } = scratch()
    try {
      const file = path.join(folder(), 'a,b.tar')
      writeFileSync(file, '')
      expect(await values(['install', file, 'c,d'])).to.deep.equal({ 'name-or-path': [file, 'c', 'd'] })
    } finally {
      remove()
    }
  })

  it('never takes a version or a name for a number', async () => {
    expect(await values(['find', '10.0', '--required-version', '1.10'])).to.deep.equal({
      name: ['10.0'],
      'required-version': '1.10',
    })
    expect(await values(['source', 'add', '12', '0x10'])).to.deep.equal({ name: '12', location: '0x10' })
  })

  it('takes what follows -- for names', async () => {
    expect(await values(['find', '--json', '--', 'a', 'b'])).to.deep.equal({ name: ['a', 'b'], json: true })
  })

  it('answers --version alone, and takes it for a parameter elsewhere', async () => {
    for (const ask of ['--version', '-V', '-v'])
      expect(await parse([ask]))
        .to.have.property('text')
        .that.matches(/^\d+\.\d+\.\d+\n$/)
    expect(await values(['find', '--version', '1.0'])).to.deep.equal({ 'required-version': '1.0' })
  })
})

describe('the commands', () => {
  it('have the names under which they are loaded', async () => {
    const loaded = (await allCommands()).map(({ name, aliases = [] }) => [name, ...aliases])
    expect(loaded).to.deep.equal(COMMANDS.map((entry) => entry.names))
  })

  it('have help with their options and two examples or three', async () => {
    for (const [path, command] of await everyCommand()) {
      // Its help is that of the whole.
      if (command.name === 'help') continue
      const parsed = await parse([...path, '--help'])
      const text = 'text' in parsed ? parsed.text : ''
      expect(command.examples, path.join(' ')).to.have.length.within(2, 3)
      for (const { line } of command.examples) expect(text).to.contain(`  containerimage ${line}\n`)
      for (const option of Object.keys(command.options ?? {})) expect(text).to.contain(`--${option}`)
      expect(text).to.contain('--what-if')
    }
  })

  it('have examples that are valid command lines of theirs', async () => {
    for (const [path, command] of await everyCommand())
      for (const { line } of command.examples) {
        const [first = '', ...others] = path
        const names = [first, ...(others.length === 0 ? (command.aliases ?? []) : [])]
        expect(
          names.map((name) => [name, ...others].join(' ')).some((words) => line.startsWith(words)),
          line,
        ).to.equal(true)
        const parsed = await parse(wordsOf(line))
        if (command.name !== 'help') expect(parsed, line).to.have.property('arguments')
      }
  })

  it('show the same help for help COMMAND, COMMAND --help, -h and -?', async () => {
    const wanted = await parse(['help', 'source', 'add'])
    for (const ask of ['--help', '-h', '-?', '-Help'])
      expect(await parse(['source', 'add', ask])).to.deep.equal(wanted)
    expect(wanted).to.have.property('text').that.contains('containerimage source add <name> <location>')
  })

  it('are all in the help of the whole, which is what no command at all shows', async () => {
    const parsed = await parse([])
    const text = 'text' in parsed ? parsed.text : ''
    for (const { names } of COMMANDS) expect(text).to.contain(`\n  ${names[0]} `)
    expect(await parse(['--help'])).to.deep.equal(parsed)
    expect(await parse(['help'])).to.deep.equal(parsed)
  })
})

async function everyCommand(): Promise<[string[], Command][]> {
  const roots = await allCommands()
  return roots.flatMap((root): [string[], Command][] => [
    [[root.name], root],
    ...(root.subcommands ?? []).map((one): [string[], Command] => [[root.name, one.name], one]),
  ])
}

async function refusal(words: string[]): Promise<ContainerImageError> {
  try {
    await parse(words)
  } catch (error) {
    if (error instanceof ContainerImageError) return error
    throw error
  }
  throw new Error(`${words.join(' ')} was not refused`)
}

async function values(words: string[]): Promise<Record<string, unknown>> {
  const parsed = await parse(words)
  if ('text' in parsed) throw new Error('answered with text')
  return parsed.arguments.values
}
