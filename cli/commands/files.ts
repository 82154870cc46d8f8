import { ContainerImageError, option } from '../../manifests/index.js'
import type { InsideFile, LookRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import type { Run } from '../command/run.js'
import { commonOf } from '../options/everywhere.js'
import { LOOK, lookOf, ONE_IMAGE } from '../options/look.js'
import { insideFileLines, takenFileLines } from '../output/inside-files.js'

export const files: Command = {
  name: 'files',
  summary: 'List the files of an image, or extract one',
  more: 'It works on anything that holds an image: nothing is unpacked, and no engine is needed',
  positionals: [
    ONE_IMAGE,
    {
      name: 'pattern',
      describe: 'A path in the image, or a pattern such as *.conf or etc/*',
      more: 'A pattern without a slash is matched in every folder',
    },
  ],
  options: {
    output: {
      type: 'value',
      placeholder: 'FILE',
      describe: 'Extract this one file into FILE; - is stdout',
      offer: 'files',
    },
    removed: { type: 'switch', describe: 'Also what layers removed' },
    force: { type: 'switch', describe: 'Overwrite FILE' },
    ...LOOK,
  },
  examples: [
    { line: 'files debian:12.5 etc', does: 'What is in /etc, and which layer it came from' },
    { line: "files ./usb/debian-12-5.tar '*.so.*'", does: 'All libraries of an archive' },
    { line: 'files debian etc/os-release --output -', does: 'One file, to the screen' },
  ],
  async run(args, run) {
    const look = { ...commonOf(args, run), ...lookOf(args) }
    const output = args.text('output')
    if (output !== undefined) return await takeOut(args, run, look, output)
    const library = await import('../../provider/index.js')
    const wanted = { ...look, pattern: args.text('pattern'), removed: args.flag('removed') }
    if (args.flag('json')) run.print(await library.files(wanted), () => [])
    else {
      const lines = insideFileLines()
      const onFiles = (files: InsideFile[]): void => run.print(undefined, () => lines.files(files))
      const { removed } = await library.files({ ...wanted, onFiles })
      if (removed) run.print(undefined, () => lines.removed(removed))
    }
    return undefined
  },
}

async function takeOut(args: Arguments, run: Run, look: LookRequest, output: string): Promise<undefined> {
  const path = args.text('pattern')
  if (path === undefined)
    throw new ContainerImageError('USAGE', `${option('output')} takes one file out of an image.`, {
      expected: 'the path of a file in the image',
      found: 'none',
      remedy: 'Name it after the image.',
    })
  if (output !== '-' && !(await run.agreed('Write File', output))) return undefined
  const stdout = output === '-' ? run.takeStdout() : undefined
  const library = await import('../../provider/index.js')
  const taken = await library.takeFile({ ...look, path, output, force: args.flag('force'), stdout })
  if (output !== '-' || args.flag('what-if'))
    run.report(taken, () => takenFileLines(taken, args.flag('what-if')))
  return undefined
}
