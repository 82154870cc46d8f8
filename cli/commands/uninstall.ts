import type { UninstallRequest } from '../../provider/index.js'
import type { Arguments } from '../command/arguments.js'
import type { Command } from '../command/command.js'
import type { Run } from '../command/run.js'
import { usage } from '../command/usage.js'
import { ENGINE, engineOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { NETWORK, networkOf } from '../options/network.js'
import { removedReferenceLines, wouldRemoveReferenceLines } from '../output/removed-references.js'
import { uninstalledLines, wouldUninstallLines } from '../output/uninstalled-images.js'

export const uninstall: Command = {
  name: 'uninstall',
  aliases: ['rmi', 'rm'],
  summary: 'Remove installed images, or names of images',
  more: 'NAME:TAG is that one name, and the image goes with its last name; a name with --version, or a full name, is the whole image. Its blobs go unless another image needs them, as does the folder that --expand made',
  positionals: [
    {
      name: 'name',
      many: true,
      commas: true,
      describe: 'Names or patterns, name:tag, ids or digests',
      more: 'With --registry, full references',
      offer: 'installed',
    },
  ],
  options: {
    version: {
      type: 'value',
      placeholder: 'VERSION',
      describe: 'The version to remove',
      aliases: ['required-version'],
    },
    'all-versions': { type: 'switch', describe: 'Remove all versions' },
    'full-name': {
      type: 'value',
      placeholder: 'NAME',
      describe: 'CN=Publisher_Name_Version, in place of a name',
    },
    force: {
      type: 'switch',
      describe: 'Remove it even if other images are built on it',
      parameters: ['f'],
    },
    registry: {
      type: 'switch',
      describe: 'Remove it from its registry',
      more: 'The tag is removed, and the manifest too if nothing else needs it',
    },
    ...ENGINE,
    ...NETWORK,
  },
  examples: [
    { line: 'uninstall debian --version 12.4', does: 'One version' },
    {
      line: 'uninstall --registry registry.example.org/os/debian:12.4 --what-if',
      does: 'What would be removed there, and what else has the same image',
    },
    { line: 'rmi debian:12.4 demo:1.0', does: 'Two names, and the images if those were their last ones' },
  ],
  async run(args, run) {
    const names = args.list('name')
    const fullName = args.text('full-name')
    if (names === undefined && fullName === undefined)
      throw usage('uninstall needs a name or --full-name.', ['uninstall'])
    if (args.flag('registry')) return await removeThere(args, run)
    const library = await import('../../provider/index.js')
    const request: UninstallRequest = {
      ...commonOf(args, run),
      ...engineOf(args),
      names,
      version: args.text('version'),
      fullName,
      allVersions: args.flag('all-versions'),
      force: args.flag('force'),
    }
    if (args.flag('confirm')) {
      // What will be removed, not the pattern that matches it.
      const { removed } = await library.uninstall({ ...request, whatIf: true })
      const names = removed.map((image) => `${image.name} ${image.version}`)
      if (!(await run.agreed('Uninstall Package', names.join(', ')))) return undefined
    }
    const result = await library.uninstall(request)
    if (args.flag('what-if')) run.print(result, () => wouldUninstallLines(result))
    else run.report(result, () => uninstalledLines(result))
    return undefined
  },
}

async function removeThere(args: Arguments, run: Run): Promise<undefined> {
  const references = args.list('name') ?? []
  const alone = ['version', 'all-versions', 'full-name', 'engine'].find((name) => args.values[name])
  if (alone !== undefined) throw usage(`--${alone} is not for registries.`, ['uninstall'])
  const library = await import('../../provider/index.js')
  const request = {
    ...commonOf(args, run),
    ...networkOf(args),
    references,
    force: args.flag('force'),
  }
  if (args.flag('confirm')) {
    const { removed } = await library.remove({ ...request, whatIf: true })
    const names = removed.flatMap(({ tags, reference }) => (tags.length > 0 ? tags : [reference]))
    if (!(await run.agreed('Remove From Registry', names.join(', ')))) return undefined
  }
  const result = await library.remove(request)
  if (args.flag('what-if')) run.print(result, () => wouldRemoveReferenceLines(result))
  else run.report(result, () => removedReferenceLines(result))
  return undefined
}
