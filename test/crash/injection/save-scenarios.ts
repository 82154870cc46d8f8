import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { install, save } from '../../../provider/index.js'
import { type Inputs, volumeIn } from './inputs.js'
import type { Scenario } from './scenario.js'
import type { Workspace } from './workspace.js'

const VOLUMES = ['--volume-size', '1100k', '--recovery', '10%']

/** Saves `demo` 2.0 into `to`, where something else lies under that name. */
function replacing(title: string, to: string, ...options: string[]): Scenario {
  return {
    title: `save as ${title}, over an older one`,
    prepare: async ({ at }) => writeFileSync(at(to), 'an older one'),
    command: async (inputs) => ['save', await inputs.demo('2.0'), '--path', to, '--force', ...options],
  }
}

function saving(title: string, to: string, ...options: string[]): Scenario {
  return {
    title: `save as ${title}`,
    command: async (inputs) => ['save', await inputs.demo('2.0'), '--path', to, ...options],
  }
}

async function withWim({ store }: Workspace, inputs: Inputs): Promise<void> {
  await install({ targets: [await inputs.wim()], store })
}

async function withTwoOnMedia({ at }: Workspace, inputs: Inputs): Promise<void> {
  for (const version of ['1.0', '2.0'])
    await save({ names: [await inputs.demo(version)], path: at('media'), format: 'media', force: true })
}

const toWim = ['save', 'NanoServer', '--source', 'store', '--format', 'wim']

export const SAVES: Scenario[] = [
  saving('a tar', 'out.tar'),
  replacing('a tar', 'out.tar'),
  saving('a docker archive', 'out.tar', '--format', 'docker-archive'),
  saving('a zip', 'out.zip'),
  replacing('a zip', 'out.zip'),
  saving('a 7z', 'out.7z'),
  replacing('a 7z', 'out.7z'),
  {
    title: 'save of a WIM as it is',
    command: async (inputs) => ['save', await inputs.wim(), '--path', 'out.wim'],
  },
  { title: 'save as a WIM', prepare: withWim, command: async () => [...toWim, '--path', 'out.wim'] },
  {
    title: 'save as a WIM in parts',
    async prepare({ store }, inputs) {
      await install({ targets: [await inputs.largeWim()], store })
    },
    command: async () => [...toWim, '--path', 'out.wim', '--split', '1m'],
    inSteps: true,
  },
  {
    title: 'save as a media',
    command: async (inputs) => ['save', await inputs.demo('2.0'), ...ontoMedia],
    inSteps: true,
  },
  {
    title: 'save onto a media that has an image',
    async prepare({ at }, inputs) {
      await save({ names: [await inputs.demo('1.0')], path: at('media'), format: 'media', force: true })
    },
    command: async (inputs) => ['save', await inputs.demo('2.0'), ...ontoMedia],
    inSteps: true,
  },
  {
    title: 'save as a media with the tool',
    command: async (inputs) => ['save', await inputs.demo('2.0'), ...ontoMedia, '--with-tool'],
    inSteps: true,
  },
  {
    title: 'media remove',
    prepare: withTwoOnMedia,
    command: async () => ['media', 'remove', 'media', 'demo:1.0'],
    // It is not on the media any more.
    whenDone: 3,
    inSteps: true,
  },
  {
    title: 'media prune',
    prepare: withTwoOnMedia,
    command: async () => ['media', 'prune', 'media', '--keep', '1'],
    inSteps: true,
  },
  {
    title: 'save as volumes, in place of a set of another size',
    async prepare({ at }, inputs) {
      mkdirSync(at('stick'))
      await save({ names: [await inputs.big()], path: at('stick'), volumeSize: 2_000_000 })
    },
    command: async (inputs) => ['save', await inputs.big(), '--path', 'stick', ...VOLUMES, '--force'],
    inSteps: true,
  },
  {
    title: 'save as volumes with recovery files',
    prepare: async ({ at }) => mkdirSync(at('stick')) as undefined,
    command: async (inputs) => ['save', await inputs.big(), '--path', 'stick', ...VOLUMES],
    inSteps: true,
  },
  {
    title: 'save as volumes, over damaged ones',
    async prepare({ at }, inputs) {
      cpSync(await inputs.damagedVolumes(), at('stick'), { recursive: true })
    },
    command: async (inputs) => ['save', await inputs.big(), '--path', 'stick', ...VOLUMES, '--force'],
    inSteps: true,
  },
  {
    title: 'save of one volume',
    prepare: async ({ at }) => mkdirSync(at('stick')) as undefined,
    command: async (inputs) => [
      ...['save', await inputs.big(), '--path', 'stick'],
      ...['--volume-size', '1100k', '--only-volume', '2'],
    ],
  },
  {
    title: 'save as a delta',
    command: async (inputs) => [
      ...['save', await inputs.demo('2.0'), '--path', 'out.tar'],
      ...['--base', await inputs.inventory()],
    ],
  },
  {
    title: 'save as a delta on a media',
    command: async (inputs) => [
      ...['save', await inputs.demo('2.0'), ...ontoMedia],
      ...['--base', await inputs.inventory()],
    ],
    inSteps: true,
  },
  {
    title: 'save as a delta of blocks',
    async prepare({ store }, inputs) {
      await install({ targets: [await inputs.blocksOf('1.0')], store })
    },
    command: async (inputs) => [
      ...['save', await inputs.blocksOf('2.0'), '--path', 'out.tar'],
      ...['--base', await inputs.inventoryOfBlocks(), '--delta', 'blocks'],
    ],
  },
]

const ontoMedia = ['--format', 'media', '--path', 'media', '--force']

/** What is put right with recovery files. */
export const REPAIRS: Scenario[] = [
  {
    title: 'verify --repair of damaged volumes',
    inSteps: true,
    async prepare({ at }, inputs) {
      cpSync(await inputs.damagedVolumes(), at('stick'), { recursive: true })
    },
    command: async () => ['verify', 'stick', '--repair'],
  },
  {
    title: 'verify --repair of volumes of which one is lost',
    async prepare({ at }, inputs) {
      cpSync(await inputs.volumes(), at('stick'), { recursive: true })
      rmSync(volumeIn(at('stick'), 2))
    },
    command: async () => ['verify', 'stick', '--repair'],
  },
]
