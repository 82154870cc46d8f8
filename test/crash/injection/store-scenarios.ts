import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { install, tag } from '../../../provider/index.js'
import type { Inputs } from './inputs.js'
import { withOlder } from './install-scenarios.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

/** What commands end with that find no image of the name. */
const NOT_FOUND = 3

export async function withBoth({ store }: Workspace, inputs: Inputs): Promise<void> {
  await install({ targets: [await inputs.demo('1.0'), await inputs.demo('2.0')], store })
}

async function withTags(workspace: Workspace, inputs: Inputs): Promise<void> {
  await withBoth(workspace, inputs)
  await tag({ from: 'demo:1.0', to: 'demo:stable', store: workspace.store })
}

/** Blobs without a name, a blob that was half brought, and a replacement that was not renamed. */
async function withLeftovers(workspace: Workspace, inputs: Inputs): Promise<void> {
  const { store } = workspace
  await withOlder(workspace, inputs)
  const other = path.join(await inputs.demo('2.0'), 'blobs', 'sha256')
  for (const name of readdirSync(other))
    cpSync(path.join(other, name), path.join(store, 'blobs', 'sha256', name))
  writeFileSync(path.join(store, 'ingest', `sha256-${'a'.repeat(64)}`), 'half a blob')
}

export const STORE_CHANGES: Scenario[] = [
  { title: 'tag', prepare: withBoth, command: async () => ['tag', 'demo:1.0', 'demo:stable'] },
  {
    title: 'tag that moves',
    prepare: withTags,
    command: async () => ['tag', 'demo:2.0', 'demo:stable'],
  },
  {
    title: 'untag',
    prepare: withTags,
    command: async () => ['untag', 'demo:stable'],
    whenDone: NOT_FOUND,
  },
  {
    title: 'uninstall',
    prepare: withBoth,
    command: async () => ['uninstall', 'demo', '--version', '2.0'],
    whenDone: NOT_FOUND,
    thenRun: ['prune'],
  },
  {
    title: 'uninstall of what was laid out',
    prepare: async ({ store }, inputs) => {
      await install({ targets: [await inputs.wim()], store, expand: true })
    },
    command: async () => ['uninstall', 'NanoServer', '--all-versions'],
    whenDone: NOT_FOUND,
    thenRun: ['prune'],
    inSteps: true,
  },
  { title: 'prune', prepare: withLeftovers, command: async () => ['prune'], inSteps: true },
]
