import { once } from 'node:events'
import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { NETWORK } from '../options/network.js'
import { whatIf } from '../output/what-if.js'
import { openedLines } from '../output/window.js'

const { 'ca-file': CA_FILE, insecure: INSECURE } = NETWORK

export const ui: Command = {
  name: 'ui',
  summary: 'Show images, media and sites in a browser window',
  more: 'It listens only on this machine, and runs until it is stopped',
  options: {
    'allow-changes': {
      type: 'switch',
      describe: 'Allow saving, installing, tagging and uninstalling',
      more: 'Without it the window only shows things',
    },
    'no-browser': {
      type: 'switch',
      describe: 'Only print the address',
      more: 'Whoever has the address can do what the window can',
    },
    port: {
      type: 'value',
      placeholder: 'NUMBER',
      describe: 'Port on 127.0.0.1; default: a free one',
    },
    ...(CA_FILE ? { 'ca-file': CA_FILE } : {}),
    ...(INSECURE ? { insecure: INSECURE } : {}),
  },
  examples: [
    { line: 'ui', does: 'Look at what is installed, at sources, and at a stick' },
    { line: 'ui --allow-changes', does: 'Also save, install, tag and uninstall' },
    { line: 'ui --no-browser --port 8099', does: 'For a browser at the other end of an ssh tunnel' },
  ],
  async run(args, run) {
    const port = portOf(args.text('port'))
    if (args.flag('what-if')) {
      run.print({}, () => [whatIf('Open Window', 'this machine')])
      return undefined
    }
    const { openWindow } = await import('../ui/server/open-window.js')
    const common = {
      store: args.text('store'),
      caFile: args.text('ca-file'),
      insecure: args.flag('insecure'),
    }
    const window = await openWindow({ common, allowsChanges: args.flag('allow-changes'), port })
    try {
      const isShown = !args.flag('no-browser') && (await show(window.address))
      run.print({ url: window.address }, () => openedLines(window.address, isShown))
      if (!run.signal.aborted) await once(run.signal, 'abort')
    } finally {
      await window.close()
    }
    return undefined
  },
}

async function show(address: string): Promise<boolean> {
  return await (await import('../../provider/index.js')).openAddress(address)
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw usage('--port takes a number from 1 to 65535.', ['ui'])
}
