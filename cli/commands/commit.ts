import type { Command } from '../command/command.js'
import { commonOf } from '../options/everywhere.js'
import { PLATFORM, SOURCE } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { NEW_IMAGE, newImageOf } from '../options/new-image.js'
import { committedLines } from '../output/committed.js'

export const commit: Command = {
  name: 'commit',
  summary: 'Make an image from a changed folder or tar',
  more: 'What differs from its parent becomes a new layer, in the store; if nothing does, no image is made',
  positionals: [
    {
      name: 'path',
      called: 'a folder or a tar, then a name for the new image',
      required: true,
      stdin: true,
      describe: 'A root file system in a folder, a bundle, or a tar',
      offer: 'files',
    },
    {
      name: 'name',
      called: 'a name for the new image',
      required: true,
      describe: 'Name of the new image, name[:tag]',
    },
  ],
  options: {
    from: {
      type: 'value',
      placeholder: 'IMAGE',
      describe: 'What it was unpacked from; scratch for nothing',
      more: 'A name, a digest, a full reference or the path of an archive; a bundle made by umoci says so itself',
      offer: 'installed',
    },
    ...NEW_IMAGE,
    owner: {
      type: 'value',
      placeholder: 'WHOSE',
      describe: 'as-is, parent, or numbers such as 0:0',
      more: 'parent keeps the owners that files have in the parent, and gives new ones to root: the default for folders that an ordinary user unpacked. Otherwise as-is',
    },
    times: { type: 'switch', describe: 'Count a different time alone as a change' },
    platform: PLATFORM,
    source: { ...SOURCE, describe: 'Where to look for the parent; default: what is installed' },
    ...NETWORK,
  },
  examples: [
    { line: 'commit ./root site/debian:12.5-1 --from debian:12.5', does: 'After unpack and some changes' },
    {
      line: 'commit ./root app:2 --from app:1 --change \'CMD ["/app"]\' --message "New program"',
      does: 'Also set what it runs, and a comment',
    },
    { line: 'commit ./root app:2 --from app:1 --what-if', does: 'Only list what it would contain' },
  ],
  async run(args, run) {
    const path = args.required('path')
    const name = args.required('name')
    if (!(await run.agreed('Commit Image', `${path} as ${name}`))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.commit({
      ...commonOf(args, run),
      ...networkOf(args),
      ...newImageOf(args),
      path,
      from: args.text('from'),
      owner: args.text('owner'),
      times: args.flag('times'),
      platform: args.text('platform'),
      source: args.text('source'),
    })
    run.report(result, () => committedLines(result, args.flag('what-if')))
    return undefined
  },
}
