import type { AnswerOf, EngineAnswer, ImageRow } from '../../protocol/actions.js'
import type { Action } from './action.js'
import type { Fields } from './fields.js'

/** Actions that only read. */
type Look = 'images' | 'engines' | 'image' | 'history' | 'removal' | 'receipts'
type Site = 'status' | 'removable' | 'settings'

const ENGINES = ['docker', 'podman', 'containerd'] as const

export const LOOK: { [Name in Look | Site]: Action<Name> } = {
  images: {
    async run(_, { common }) {
      const library = await import('../../../../provider/index.js')
      return (await library.get(common)).map(rowOf)
    },
  },
  engines: {
    async run(_, { common }) {
      const library = await import('../../../../provider/index.js')
      return await Promise.all(
        ENGINES.map(async (engine): Promise<EngineAnswer> => {
          // Most machines have one of them at most.
          const images = await library.get({ ...common, engine }).catch(() => undefined)
          return images === undefined ? { engine } : { engine, images: images.map(rowOf) }
        }),
      )
    },
  },
  image: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const [image] = await library.inspect({
        ...common,
        names: [pathOf(fields.required('name'))],
        platform: fields.text('platform'),
      })
      return image as AnswerOf<'image'>
    },
  },
  history: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      return await library.history({
        ...common,
        name: pathOf(fields.required('name')),
        platform: fields.text('platform'),
      })
    },
  },
  removal: {
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.uninstall({ ...common, ...whatToRemove(fields), whatIf: true })
    },
  },
  receipts: {
    async run(_, { common }) {
      const library = await import('../../../../provider/index.js')
      const logs = await library.readReceipts(common)
      return logs.flatMap(({ receipts }) => receipts)
    },
  },
  status: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      return await library.mediaStatus({
        ...common,
        path: pathOf(fields.required('path')),
        receipts: fields.list('receipts')?.map(pathOf),
      })
    },
  },
  removable: {
    async run() {
      return await (await import('../../../../provider/index.js')).removableFolders()
    },
  },
  settings: {
    async run() {
      return await (await import('../../../../provider/index.js')).listSettings()
    },
  },
}

/** What a request passes to `uninstall`. */
export function whatToRemove(fields: Fields): { name: string; force: boolean } {
  return { name: fields.required('name'), force: fields.flag('force') }
}

/** Only what the table shows, so that ten thousand rows do not take more megabytes than necessary. */
function rowOf(image: ImageRow): ImageRow {
  const { repository, tag, name, version, fullName, id, digest, created, unpackedSize, contentSize } = image
  const { os, architecture, osVersion, kind, containers } = image
  return {
    ...{ repository, tag, name, version, fullName, id, digest, created, unpackedSize, contentSize },
    ...{ os, architecture, osVersion, kind, containers },
  }
}
