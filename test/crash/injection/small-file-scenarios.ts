import { writeFileSync } from 'node:fs'
import { withOlder } from './install-scenarios.js'
import { run } from './run-command.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

/** What commands end with that would write what is there already, or add it. */
const IS_THERE = 5
const IS_KNOWN = 2

/** A command in front of the one that is disturbed. */
function after(...words: string[]): (workspace: Workspace) => Promise<void> {
  return async (workspace) => {
    const { code, err } = await run(workspace, words)
    if (code !== 0) throw new Error(`${words.join(' ')} ends with ${code}: ${err}`)
  }
}

const MIRRORS = ['config', 'set', 'mirrors.docker.io', 'https://site.example:5000']

/** Settings, and documents that go into files. */
export const SMALL_FILES: Scenario[] = [
  {
    title: 'inventory',
    prepare: withOlder,
    command: async () => ['inventory', '--path', 'inventory.json'],
    whenDone: IS_THERE,
  },
  {
    title: 'inventory, with --force',
    async prepare(workspace, inputs) {
      await withOlder(workspace, inputs)
      writeFileSync(workspace.at('inventory.json'), 'an older one')
    },
    command: async () => ['inventory', '--path', 'inventory.json', '--force'],
  },
  { title: 'config set, the first', command: async () => ['config', 'set', 'platform', 'linux/arm64'] },
  {
    title: 'config set, another',
    prepare: after('config', 'set', 'platform', 'linux/arm64'),
    command: async () => ['config', 'set', 'store', '/srv/images'],
  },
  { title: 'config set of mirrors', command: async () => MIRRORS },
  {
    title: 'source add',
    command: async () => ['source', 'add', 'lab', 'https://registry.example'],
    whenDone: IS_KNOWN,
  },
  {
    title: 'source remove',
    prepare: after('source', 'add', 'lab', 'https://registry.example'),
    command: async () => ['source', 'remove', 'lab'],
    whenDone: IS_KNOWN,
  },
  {
    title: 'mirror-config',
    prepare: after(...MIRRORS),
    command: async () => ['mirror-config', 'containerd', '--output', 'site'],
    whenDone: IS_THERE,
  },
  {
    title: 'mirror-config, with --force',
    async prepare(workspace) {
      await after(...MIRRORS)(workspace)
      await after('mirror-config', 'containerd', '--output', 'site')(workspace)
      await after(...MIRRORS, '--append')(workspace)
      await after('config', 'set', 'mirrors.quay.io', 'https://site.example:5000')(workspace)
    },
    command: async () => ['mirror-config', 'containerd', '--output', 'site', '--force'],
    inSteps: true,
  },
]
