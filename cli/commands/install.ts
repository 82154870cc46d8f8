import type { Command } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { usage } from '../command/usage.js'
import { ENGINE, LOADING, loadingOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { IDENTITY } from '../options/identity.js'
import { ALL_PLATFORMS, PLATFORMS, SOURCE } from '../options/images.js'
import { KEEP_GOING } from '../options/keep-going.js'
import { FOREIGN, NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGN_DOCUMENT, SIGNATURES, signaturesOf, signOf } from '../options/signatures.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { INDEX, REF } from '../options/wim.js'
import { installDocument, installedLines, wouldInstallLines } from '../output/installed-images.js'

export const install: Command = {
  name: 'install',
  summary: 'Install images into the store, and tag them latest',
  more: 'They come from files or from a source',
  positionals: [
    {
      name: 'name-or-path',
      many: true,
      stdin: true,
      commas: true,
      describe: 'A path, a name or a full reference',
      more: 'If it exists as a file (an archive or WIM) or folder, it is a path',
      parameters: ['Name', 'Path', 'LiteralPath'],
      offer: 'files',
    },
  ],
  options: {
    'wim-path': {
      type: 'value',
      placeholder: 'FILE',
      describe: 'Install from this WIM, or another file',
      more: 'Any part of a split WIM will do',
      offer: 'files',
    },
    index: INDEX,
    'skip-unsupported': {
      type: 'switch',
      describe: 'WIM only: skip and list what no layer can hold',
    },
    ref: REF,
    ...VERSIONS,
    platform: PLATFORMS,
    'all-platforms': ALL_PLATFORMS,
    source: SOURCE,
    compress: {
      type: 'value',
      placeholder: 'HOW',
      describe: 'WIM only: none (default, fastest) or gzip',
      more: 'How to compress the layer made from it',
      values: ['none', 'gzip'],
    },
    expand: {
      type: 'switch',
      describe: 'Also unpack a Windows image beside the store',
      more: 'It becomes a folder there, as with the original program',
    },
    'no-latest': { type: 'switch', describe: 'Do not move the tag latest' },
    name: {
      type: 'value',
      placeholder: 'NAME',
      // -Name is what to install, as it was in PowerShell.
      parameter: 'ImageName',
      describe: 'Name for a file without one; needs --version',
      more: 'For an image whose file does not say its name',
    },
    receipt: {
      type: 'value',
      placeholder: 'PLACE',
      describe: 'Record what was installed, for the sender',
      more: 'PLACE is a file, a folder, or the media itself',
      offer: 'files',
    },
    'receipt-host': {
      type: 'value',
      placeholder: 'NAME',
      describe: 'Name of this host in the receipt; default: none',
    },
    ...SIGN_DOCUMENT,
    'keep-going': KEEP_GOING,
    ...IDENTITY,
    force: { type: 'switch', describe: 'Install again what is already there' },
    ...GATE,
    ...ENGINE,
    ...LOADING,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
    ...FOREIGN,
    ...SIGNATURES,
  },
  examples: [
    { line: 'install ./usb/NanoServer-10-0-14300-1010.tar', does: 'From a file; needs no network' },
    { line: 'install ./NanoServer.wim', does: 'From a WIM, by its own name and version' },
    {
      line: 'install debian --required-version 12.5 --no-latest',
      does: 'From a source, without moving latest',
    },
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
    const work = library.install({
      ...commonOf(args, run),
      ...gateOf(args),
      ...signaturesOf(args),
      ...signOf(args, run),
      ...networkOf(args),
      ...referrersOf(args),
      ...policyOf(args),
      ...versions,
      ...loadingOf(args),
      targets,
      keepGoing: args.flag('keep-going'),
      platform: args.list('platform'),
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
      ref: args.list('ref'),
      expand: args.flag('expand'),
      nextVolume: (names) => run.nextVolume(names, targets.at(-1) ?? '.'),
      compress: args.text('compress') === 'gzip' ? 'gzip' : undefined,
    })
    await toldInAnyCase(work, (result) => {
      if (args.flag('what-if')) run.print(installDocument(result, true), () => wouldInstallLines(result))
      else run.report(installDocument(result), () => installedLines(result))
    })
    return undefined
  },
}

/** What was given as a path is never a name in the catalog, even if there is no such file. */
function asPath(text: string): string {
  return /^\.{0,2}[\\/]|^[A-Za-z]:[\\/]/.test(text) ? text : `./${text}`
}
