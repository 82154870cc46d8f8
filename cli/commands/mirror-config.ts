import { printable } from '../../manifests/index.js'
import type { MirrorConfigResult, MirrorEngine } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { whatIf } from '../output/what-if.js'

const ENGINES: MirrorEngine[] = ['docker', 'containerd', 'podman']

export const mirrorConfig: Command = {
  name: 'mirror-config',
  summary: 'Print the configuration that makes an engine use the mirrors',
  more: 'The mirrors are those in the settings',
  positionals: [{ name: 'engine', required: true, describe: ENGINES.join(', '), values: ENGINES }],
  options: {
    registry: {
      type: 'list',
      placeholder: 'HOST',
      describe: 'Only for this registry; may be repeated',
      more: 'The default is every registry that has mirrors',
    },
    output: {
      type: 'value',
      placeholder: 'DIR',
      describe: 'Write the files below this folder',
      more: 'They get the paths that they have on the machine',
      offer: 'folders',
    },
    force: { type: 'switch', describe: 'Overwrite files' },
  },
  examples: [
    { line: 'mirror-config podman', does: 'For podman, skopeo, buildah and CRI-O' },
    { line: 'mirror-config containerd --output ./site', does: 'Files for a machine, in a folder' },
    {
      line: 'mirror-config docker --registry docker.io',
      does: 'For dockerd, which has mirrors for docker.io only',
    },
  ],
  async run(args, run) {
    const engine = ENGINES.find((one) => one === args.required('engine')) ?? 'containerd'
    const output = args.text('output')
    const target = `${output ?? ''} for ${engine}`
    if (output !== undefined && !(await run.agreed('Write Configuration', target))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.mirrorConfig({
      ...commonOf(args, run),
      engine,
      registries: args.list('registry'),
      output,
      force: args.flag('force'),
    })
    if (output === undefined) run.print(result, () => textLines(result))
    else if (args.flag('what-if')) run.print(result, () => pathLines(result, output).map(wouldWrite))
    else run.report(result, () => pathLines(result, output).map((line) => `Wrote ${line}`))
    for (const note of [...result.limits, ...result.next]) run.note(note)
    return undefined
  },
}

/** The texts of the files; an authority's file is only mentioned, as it would spoil the text around it. */
function textLines({ files }: MirrorConfigResult): string[] {
  return files.flatMap(({ path, content, copyOf }, at) => {
    const text =
      copyOf === undefined ? content.trimEnd().split('\n') : [`# Copy ${printable(copyOf)} to ${path}`]
    return at === 0 ? text : ['', ...text]
  })
}

function pathLines({ files }: MirrorConfigResult, output: string): string[] {
  return files.map(({ path, written = path }) => `${printable(output)}${written}`)
}

function wouldWrite(line: string): string {
  return whatIf('Write Configuration', line)
}
