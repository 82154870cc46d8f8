import { inventoryBytes } from '../../manifests/index.js'
import type { Command } from '../command/command.js'
import { ENGINE, engineOf } from '../options/engine.js'
import { commonOf } from '../options/everywhere.js'
import { SIGN_DOCUMENT, signOf } from '../options/signatures.js'
import { inventoryLines } from '../output/inventory.js'
import { escapedJson } from '../output/json.js'

export const inventory: Command = {
  name: 'inventory',
  summary: 'List what is here, for `save --base` on the other side',
  more: 'It lists what the store or an engine has',
  options: {
    path: {
      type: 'value',
      placeholder: 'FILE',
      describe: 'Write it to this file; default: stdout',
      aliases: ['output'],
      parameters: ['LiteralPath', 'o'],
      offer: 'files',
    },
    host: {
      type: 'value',
      placeholder: 'NAME',
      describe: 'Name of this host in the inventory; default: none',
    },
    force: { type: 'switch', describe: 'Overwrite the file' },
    ...SIGN_DOCUMENT,
    ...ENGINE,
  },
  examples: [
    { line: 'inventory --path ./usb/plant-7.json', does: 'What the store has, to be carried back' },
    { line: 'inventory --engine docker --path ./usb/line-3.json', does: 'What docker has' },
    { line: 'inventory --path ./usb/plant-7.json --sign ./plant-7.key', does: 'Signed' },
  ],
  async run(args, run) {
    const path = args.text('path')
    if (path !== undefined && !(await run.agreed('Write Inventory', path))) return undefined
    const library = await import('../../provider/index.js')
    const result = await library.inventory({
      ...commonOf(args, run),
      ...engineOf(args),
      ...signOf(args, run),
      path,
      host: args.text('host'),
      force: args.flag('force'),
    })
    if (path === undefined)
      run.print(result.inventory, () =>
        escapedJson(inventoryBytes(result.inventory).toString('utf8').trimEnd()).split('\n'),
      )
    else run.report(result.inventory, () => inventoryLines(result, args.flag('what-if')))
    return undefined
  },
}
