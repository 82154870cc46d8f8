import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { databaseAdd, install, unpack } from '../../../provider/index.js'
import { ADVISORY, type Inputs } from './inputs.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

/** What commands end with that would write what is there already. */
const IS_THERE = 5

async function withNewer({ store }: Workspace, inputs: Inputs): Promise<void> {
  await install({ targets: [await inputs.demo('2.0')], store })
}

async function withChangedRoot(workspace: Workspace, inputs: Inputs): Promise<void> {
  await withNewer(workspace, inputs)
  const { store, at } = workspace
  await unpack({ name: 'demo:2.0', folder: at('rootfs'), store })
  writeFileSync(at('rootfs', 'added'), 'by hand')
}

async function withAdvisories({ at }: Workspace): Promise<void> {
  mkdirSync(at('advisories'))
  writeFileSync(at('advisories', 'TEST-1.json'), JSON.stringify(ADVISORY))
}

const DATABASE = ['--database', 'advisories.db']

/** A blob that is missing, one that is altered, and an index that is lost. */
async function damaged(workspace: Workspace, inputs: Inputs): Promise<void> {
  await withNewer(workspace, inputs)
  const { store } = workspace
  const blobs = path.join(store, 'blobs', 'sha256')
  const [largest = '', next = ''] = readdirSync(blobs).sort(
    (a, b) => statSync(path.join(blobs, b)).size - statSync(path.join(blobs, a)).size,
  )
  rmSync(path.join(blobs, largest))
  rmSync(path.join(blobs, next))
  writeFileSync(path.join(blobs, next), 'altered')
}

async function withoutIndex(workspace: Workspace, inputs: Inputs): Promise<void> {
  await damaged(workspace, inputs)
  writeFileSync(path.join(workspace.store, 'index.json'), '{"schemaVersion": 2, "mani')
}

/** What was read of layers, by which the next run spares itself some reading. */
const KEPT = /^home(\/|$)/

/** What a repair works in stays. */
const INGEST = '(^|/)ingest$'

/** What makes images, looks into them, or puts a store right. */
export const IMAGES: Scenario[] = [
  {
    title: 'commit',
    mayDiffer: KEPT,
    environment: () => ({ SOURCE_DATE_EPOCH: '1700000000' }),
    prepare: withChangedRoot,
    command: async () => ['commit', 'rootfs', 'demo:3.0', '--from', 'demo:2.0'],
  },
  {
    title: 'import',
    environment: () => ({ SOURCE_DATE_EPOCH: '1700000000' }),
    prepare: withNewer,
    command: async (inputs) => ['import', await inputs.rootfs(), 'small:3'],
  },
  {
    title: 'unpack',
    mayDiffer: KEPT,
    prepare: withNewer,
    command: async () => ['unpack', 'demo:2.0', 'rootfs'],
    whenDone: IS_THERE,
    inPlace: /^rootfs(\/|$)/,
    isNotSynced: true,
    inSteps: true,
  },
  {
    title: 'files, one taken out',
    mayDiffer: KEPT,
    prepare: withNewer,
    command: async () => ['files', 'demo:2.0', 'version', '--output', 'version.txt'],
    whenDone: IS_THERE,
  },
  {
    title: 'packages, into a file',
    mayDiffer: KEPT,
    prepare: withNewer,
    command: async () => ['packages', 'demo:2.0', '--sbom', 'cyclonedx', '--output', 'packages.json'],
    whenDone: IS_THERE,
  },
  {
    title: 'save of a tar with its packages',
    mayDiffer: KEPT,
    command: async (inputs) => [...['save', await inputs.demo('2.0'), '--path', 'out.tar', '--sbom']],
    inSteps: true,
  },
  {
    title: 'database add',
    prepare: withAdvisories,
    command: async () => ['database', 'add', 'advisories', ...DATABASE],
    mayDiffer: /\.db$/,
  },
  {
    title: 'database update',
    prepare: withNewer,
    command: async (inputs) => ['database', 'update', await inputs.publishedAdvisory(), ...DATABASE],
    mayDiffer: /\.db$/,
  },
  {
    title: 'database remove',
    async prepare(workspace) {
      await withAdvisories(workspace)
      await databaseAdd({ database: workspace.at('advisories.db'), paths: [workspace.at('advisories')] })
    },
    command: async () => ['database', 'remove', 'OSV npm', ...DATABASE],
    whenDone: 3,
  },
  {
    title: 'store check --repair',
    prepare: damaged,
    beginsDamaged: true,
    mayDiffer: new RegExp(INGEST),
    command: async (inputs) => ['store', 'check', '--repair', '--from', await inputs.demo('2.0')],
    inSteps: true,
  },
  {
    title: 'store check --repair of a lost index',
    prepare: withoutIndex,
    beginsDamaged: true,
    // It is kept, under another name.
    mayDiffer: new RegExp(`index\\.json\\.damaged|${INGEST}`),
    command: async (inputs) => ['store', 'check', '--repair', '--from', await inputs.demo('2.0')],
    inSteps: true,
  },
]
