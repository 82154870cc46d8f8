import type { SaveFormat } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { toldInAnyCase } from '../command/told-in-any-case.js'
import { ENCRYPTION, encryptionOf } from '../options/encryption.js'
import { commonOf } from '../options/everywhere.js'
import { GATE, gateOf } from '../options/gate.js'
import { IDENTITY } from '../options/identity.js'
import { ALL_PLATFORMS, PLATFORMS, SOURCE } from '../options/images.js'
import { KEEP_GOING } from '../options/keep-going.js'
import { FOREIGN, NETWORK, networkOf, REFERRERS, referrersOf } from '../options/network.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGN, signOf } from '../options/signatures.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { VOLUMES, volumesOf } from '../options/volumes.js'
import { INDEX, REF, WIM, wimOf } from '../options/wim.js'
import { savedLines, wouldSaveLines } from '../output/saved-images.js'

/** Repeated here, so that help does not have to load the formats; a test compares them. */
const FORMATS: SaveFormat[] = ['oci-archive', 'docker-archive', 'media', 'wim', 'zip', '7z']

export const save: Command = {
  name: 'save',
  summary: 'Save images as portable files',
  positionals: [
    {
      name: 'name',
      many: true,
      stdin: true,
      commas: true,
      required: true,
      unless: 'set',
      describe: 'Names, full references, or paths of archives and WIMs',
    },
  ],
  options: {
    path: {
      type: 'value',
      placeholder: 'PATH',
      required: true,
      describe: 'A folder, or a file to write; - is stdout',
      more: "A folder must exist, unless --force creates it; a file's extension sets the format",
      aliases: ['output'],
      parameters: ['LiteralPath', 'Destination', 'o'],
      offer: 'files',
    },
    set: {
      type: 'value',
      placeholder: 'FILE',
      parameter: 'ImageSet',
      describe: 'Save the images in this file: a set',
      more: 'It is YAML, JSON, or a plain list of names',
      offer: 'files',
    },
    locked: { type: 'switch', parameter: 'AsLocked', describe: 'With --set: exactly what is in its lock' },
    'keep-going': KEEP_GOING,
    ...VERSIONS,
    platform: PLATFORMS,
    'all-platforms': ALL_PLATFORMS,
    source: SOURCE,
    format: {
      type: 'value',
      placeholder: 'FORMAT',
      describe: 'oci-archive, docker-archive, media, wim, zip or 7z',
      more: 'media is a folder to carry; use zip or 7z if nothing else may pass, and docker-archive for engines that do not know OCI layouts. The default is oci-archive, but a WIM stays a WIM, and several names into a folder make a media',
      values: FORMATS,
    },
    base: {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Leave out what the other side has',
      more: 'FILE is its inventory, or an archive or media that it already received; with several, what all of them have is left out',
      offer: 'files',
    },
    delta: {
      type: 'value',
      placeholder: 'HOW',
      describe: 'With --base: layers (default) or blocks',
      more: 'layers leaves out whole layers; blocks also carries a changed layer as its difference from an older one',
      values: ['layers', 'blocks'],
    },
    ...VOLUMES,
    ...ENCRYPTION,
    ...IDENTITY,
    index: INDEX,
    ref: REF,
    ...WIM,
    sbom: {
      type: 'switch',
      describe: 'List the packages of each image in NAME.cdx.json',
      more: 'A CycloneDX 1.6 document beside the archive, the volumes or the WIM, or on the media and in its list',
    },
    'with-tool': {
      type: 'switch',
      describe: 'Put this program beside it, as one file',
      more: 'It runs with plain Node',
    },
    'with-node': {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Take this archive of Node along',
      more: 'Archives come from nodejs.org; scripts that start the tool with it are added',
      offer: 'files',
    },
    'with-database': {
      type: 'switch',
      describe: 'Put the database of advisories beside it',
      more: 'The other side adds it with `database add`; that does not happen by itself',
    },
    ...SIGN,
    force: { type: 'switch', describe: 'Overwrite files and create folders' },
    ...GATE,
    ...REFERRERS,
    ...POLICY,
    ...NETWORK,
    ...FOREIGN,
  },
  examples: [
    {
      line: 'save NanoServer --required-version 10.0.14300.1010 --path ./usb',
      does: 'One version into a folder',
    },
    {
      line: 'save debian ubuntu --base ./plant-7.json --path ./usb/bases.tar',
      does: 'Two images into one file, without what a host already has',
    },
    { line: 'save NanoServer --format wim --path ./usb --split 4g', does: 'As a WIM, in parts for FAT32' },
  ],
  async run(args, run) {
    const names = args.list('name') ?? []
    const set = args.text('set')
    const path = args.required('path')
    if (
      !(await run.agreed(
        'Save Package',
        `'${[...names, set ?? []].flat().join("', '")}' to location '${path}'`,
      ))
    )
      return undefined
    const stdout = path === '-' ? run.takeStdout() : undefined
    const library = await import('../../provider/index.js')
    const work = library.save({
      ...commonOf(args, run),
      ...gateOf(args),
      ...networkOf(args),
      ...referrersOf(args),
      ...policyOf(args),
      ...versionsOf(args),
      ...wimOf(args),
      ...signOf(args, run),
      names,
      set,
      locked: args.flag('locked'),
      keepGoing: args.flag('keep-going'),
      path,
      index: args.text('index'),
      ref: args.list('ref'),
      version: args.text('required-version'),
      stdout,
      platform: args.list('platform'),
      allPlatforms: args.flag('all-platforms'),
      source: args.text('source'),
      format: formatOf(args.text('format')),
      ...volumesOf(args),
      ...encryptionOf(args),
      base: args.list('base'),
      delta: args.text('delta') === 'blocks' ? 'blocks' : undefined,
      sbom: args.flag('sbom'),
      withTool: args.flag('with-tool'),
      withNode: args.list('with-node'),
      withDatabase: args.flag('with-database'),
      force: args.flag('force'),
    })
    await toldInAnyCase(work, (result) => {
      if (args.flag('what-if')) run.print(result, () => wouldSaveLines(result))
      else run.report(result, () => savedLines(result))
    })
    return undefined
  },
}

function formatOf(text: string | undefined): SaveFormat | undefined {
  return FORMATS.find((format) => format === text)
}
