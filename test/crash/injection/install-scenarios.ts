import { cpSync, existsSync } from 'node:fs'
import path from 'node:path'
import { install, readReceipts } from '../../../provider/index.js'
import type { Inputs } from './inputs.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

/** A store with `demo` 1.0, as most hosts have an older version. */
export async function withOlder({ store }: Workspace, inputs: Inputs): Promise<void> {
  await install({ targets: [await inputs.demo('1.0')], store })
}

async function withBlocks({ store }: Workspace, inputs: Inputs): Promise<void> {
  await install({ targets: [await inputs.blocksOf('1.0')], store })
}

function installing(
  title: string,
  file: (inputs: Inputs) => Promise<string>,
  ...options: string[]
): Scenario {
  return {
    title: `install of ${title}`,
    prepare: withOlder,
    command: async (inputs) => ['install', await file(inputs), ...options],
  }
}

const RECEIPTS = /(^|\/)receipts[^/]*\.jsonl$/
const NAMED = ['--name', 'small', '--version', '3', '--platform', 'linux/amd64']

export const INSTALLS: Scenario[] = [
  installing('a tar', (inputs) => inputs.saved('demo.tar')),
  {
    title: 'install into a store that is not there yet',
    command: async (inputs) => ['install', await inputs.saved('demo.tar')],
    inSteps: true,
  },
  installing('a tar.gz', (inputs) => inputs.gzipped()),
  installing('what is there, with --force', (inputs) => inputs.demo('1.0'), '--force'),
  installing('a docker archive', (inputs) => inputs.saved('docker.tar', { format: 'docker-archive' })),
  installing('a root filesystem', (inputs) => inputs.rootfs(), ...NAMED),
  installing('a zip', (inputs) => inputs.saved('demo.zip')),
  installing('a 7z', (inputs) => inputs.saved('demo.7z')),
  installing('a compressed 7z', (inputs) => inputs.compressedSevenZip()),
  installing('a media', (inputs) => inputs.saved('media', { format: 'media' })),
  installing('a WIM', (inputs) => inputs.wim()),
  installing('a WIM, compressed', (inputs) => inputs.wim(), '--compress', 'gzip'),
  { ...installing('a WIM, laid out', (inputs) => inputs.wim(), '--expand'), inSteps: true },
  installing('volumes', (inputs) => inputs.volumes()),
  installing('damaged volumes', (inputs) => inputs.damagedVolumes()),
  { ...installing('some of the volumes', (inputs) => inputs.lackingVolumes()), ends: 4, inSteps: true },
  installing('a delta', (inputs) => inputs.delta()),
  {
    title: 'install of a delta of blocks',
    prepare: withBlocks,
    command: async (inputs) => ['install', await inputs.deltaOfBlocks()],
  },
  {
    ...installing('a tar, with a receipt', (inputs) => inputs.saved('demo.tar')),
    command: async (inputs) => ['install', await inputs.saved('demo.tar'), ...receiptIn('receipts.jsonl')],
    mayDiffer: RECEIPTS,
    check: ({ store, at }, isDone) =>
      checkReceipts([path.join(store, 'receipts.jsonl'), at('receipts.jsonl')], isDone),
  },
  {
    title: 'install of a media, with a second receipt on it',
    async prepare(workspace, inputs) {
      const media = await inputs.saved('media', { format: 'media' })
      cpSync(media, workspace.at('media'), { recursive: true })
      const receipt = { receipt: workspace.at('media'), receiptHost: 'plant' }
      await install({ targets: [await inputs.demo('1.0')], store: workspace.store, ...receipt })
    },
    command: async () => ['install', 'media', ...receiptIn('media')],
    mayDiffer: RECEIPTS,
    check: ({ store, at }, isDone) =>
      checkReceipts([path.join(store, 'receipts.jsonl'), at('media')], isDone),
  },
]

/** Every log is whole at every moment, and tells of the image in the end. @throws where it is not so */
async function checkReceipts(logs: string[], isDone: boolean): Promise<void> {
  for (const log of logs.filter((file) => isDone || existsSync(file))) {
    const receipts = (await readReceipts({ paths: [log] })).flatMap((one) => one.receipts)
    const last = receipts.at(-1)?.images.find((image) => image.name === 'demo' && image.version === '2.0')
    if (isDone && !last) throw new Error(`${path.basename(log)} does not tell of the image`)
  }
}

function receiptIn(place: string): string[] {
  return ['--receipt', place, '--receipt-host', 'plant']
}
