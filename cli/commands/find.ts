import { ContainerImageError, printable } from '../../manifests/index.js'
import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { FORMAT, templateIn } from '../options/format.js'
import { PLATFORMS, SOURCE } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { VERSIONS, versionsOf } from '../options/versions.js'
import { foundInFormat, foundLines } from '../output/found-images.js'

export const find: Command = {
  name: 'find',
  summary: 'Find images in the catalog: the newest version of each name',
  positionals: [
    {
      name: 'name',
      many: true,
      commas: true,
      describe: 'Names or patterns with *, ? and [...]; default: all',
    },
  ],
  options: {
    set: {
      type: 'value',
      placeholder: 'FILE',
      parameter: 'ImageSet',
      describe: 'Find the images in this file: a set',
      offer: 'files',
    },
    ...VERSIONS,
    platform: PLATFORMS,
    source: SOURCE,
    format: FORMAT,
    ...NETWORK,
  },
  examples: [
    { line: "find 'Nano*'", does: 'The newest version of every image whose name begins with Nano' },
    { line: 'find debian --all-versions', does: 'Every version of one image' },
    { line: 'find --source ./usb', does: 'What the archives, layouts and WIMs in a folder hold' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const names = args.list('name')
    const { images, notes } = await library.find({
      ...commonOf(args, run),
      ...networkOf(args),
      ...versionsOf(args),
      names,
      set: args.text('set'),
      platform: args.list('platform'),
      source: args.text('source'),
    })
    for (const note of notes) run.note(note)
    const source = args.text('source')
    if (names && images.length === 0) throw noMatch(names)
    if (source !== undefined && images.length === 0) throw nothingAt(source, notes)
    const template = templateIn(args.text('format'))
    run.print(images, () =>
      template === undefined ? foundLines(images, run.columns) : foundInFormat(images, template),
    )
    return undefined
  },
}

function nothingAt(source: string, notes: string[]): ContainerImageError {
  const place = printable(source)
  if (notes.length > 0)
    return new ContainerImageError('NO_MATCH', `Nothing that could be read was found at ${place}.`, {
      side: 'source',
      remedy: 'The lines above say what is there, and what is wrong with it.',
    })
  return new ContainerImageError('NO_MATCH', `Nothing was found at ${place}.`, {
    side: 'source',
    remedy: 'Check the location; registries that list no repositories are asked for exact names.',
  })
}

/**
 * For exact names the library throws this; for patterns it returns an empty list, which may be what its
 * callers want.
 */
function noMatch(names: string[]): ContainerImageError {
  const wanted = names.map(printable).join(', ')
  return new ContainerImageError(
    'NO_MATCH',
    `No match was found for the specified search criteria and package name '${wanted}'.`,
  )
}
