import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { ENGINE, LOADING, loadingOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { ALL_PLATFORMS, PLATFORM, SOURCE } from '../options/images.js'
import { FOREIGN, NETWORK, networkOf } from '../options/network.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { installDocument, installedLines, wouldInstallLines } from '../output/installed-images.js'

export const install: Command = {
  name: 'install',
  summary: 'Install images into the store, from files or from a source, and tag them latest',
  positionals: [
    {
      name: 'name-or-path',
      many: true,
      stdin: true,
      commas: true,
      describe:
        'What exists as a file (archive or WIM) or folder is a path; everything else is a name or a full reference',
      parameters: ['Name', 'Path', 'LiteralPath'],
      offer: 'files',
    },
  ],
  options: {
    'wim-path': {
      type: 'value',
      placeholder: 'FILE',
      describe: 'A WIM, any part of a split one, or another file, to install from',
      offer: 'files',
    },
    index: {
      type: 'value',
      placeholder: 'IMAGE',
      describe: 'Of a WIM: which of its images, by index from 1 or by name',
    },
    'skip-unsupported': {
      type: 'switch',
      describe: 'Of a WIM: leave out what a layer cannot hold, and list it',
    },
    ...VERSIONS,
    platform: PLATFORM,
    'all-platforms': ALL_PLATFORMS,
    source: SOURCE,
    compress: {
      type: 'value',
      placeholder: 'HOW',
      describe: 'Of a WIM: how to compress the layer; none, the least work, where left out',
      values: ['none', 'gzip'],
    },
    expand: {
      type: 'switch',
      describe: 'Also lay an image of Windows out as a folder beside the store, as the original did',
    },
    'no-latest': { type: 'switch', describe: 'Leave the tag latest as it is' },
    name: {
      type: 'value',
      placeholder: 'NAME',
      // -Name is what is to be installed, as it was in PowerShell.
      parameter: 'ImageName',
      describe: 'Name for an image that its file does not name, with --version',
    },
    receipt: {
      type: 'value',
      placeholder: 'PLACE',
      describe: 'Write down what was installed, for those who sent it: a file, a folder, or the media itself',
      offer: 'files',
    },
    'receipt-host': {
      type: 'value',
      placeholder: 'NAME',
      describe: 'A name for this host to be in the receipt; none where left out',
    },
    force: { type: 'switch', describe: 'Install again what is there already' },
    ...ENGINE,
    ...LOADING,
    ...NETWORK,
    ...FOREIGN,
  },
  examples: [
    { line: 'install ./usb/NanoServer-10-0-14300-1010.tar', does: 'From a file; needs no network' },
    { line: 'install ./NanoServer.wim', does: 'From a WIM, by its own name and version' },
    { line: 'install debian --required-version 12.5 --no-latest', does: 'From a source, latest stays' },
  ],
  async run(args, run) {
    const wimPath = args.text('wim-path')
    const targets = [
      ...(args.list('name-or-path') ?? []),
      ...(wimPath === undefined ? [] : [asPath(wimPath)]),
    ]
    if (targets.length === 0) throw usage('install needs at least one name or path.', ['install'])
    if (!(await run.agreed('Install Package', targets.join(', ')))) return undefined
    const library = await import('../../provider/index.js')
    const versions = versionsOf(args)
    const result = await library.install({
      ...commonOf(args, run),
      ...networkOf(args),
      ...versions,
      ...loadingOf(args),
      targets,
      platform: args.text('platform'),
      allPlatforms: args.flag('all-platforms'),
      source: args.text('source'),
      noLatest: args.flag('no-latest'),
      force: args.flag('force'),
      receipt: args.text('receipt'),
      receiptHost: args.text('receipt-host'),
      name: args.text('name'),
      version: versions.requiredVersion,
      index: args.text('index'),
      skipUnsupported: args.flag('skip-unsupported'),
      expand: args.flag('expand'),
      nextVolume: (names) => run.nextVolume(names, targets.at(-1) ?? '.'),
      compress: args.text('compress') === 'gzip' ? 'gzip' : undefined,
    })
    if (args.flag('what-if')) run.print(installDocument(result), () => wouldInstallLines(result))
    else run.report(installDocument(result), () => installedLines(result))
    return undefined
  },
}

/** What was given as a path is never a name of the catalog, though there is no such file. */
function asPath(text: string): string {
  return /^\.{0,2}[\\/]|^[A-Za-z]:[\\/]/.test(text) ? text : `./${text}`
}
