import { ContainerImageError, parseVolumeSize } from '../../../../manifests/index.js'
import type { EngineRequest, SaveFormat } from '../../../../provider/index.js'
import { percent } from '../../../options/volumes.js'
import type { Action } from './action.js'
import type { Fields } from './fields.js'
import { whatToRemove } from './look.js'

type Work = 'verify' | 'install' | 'save' | 'uninstall' | 'load' | 'databaseAdd' | 'tag' | 'untag'

/** Actions that may take a long time, or write. */
export const WORK: { [Name in Work]: Action<Name> } = {
  verify: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const path = fields.text('path')
      return await library.verify({ ...common, paths: path === undefined ? undefined : [pathOf(path)] })
    },
  },
  install: {
    changes: unlessWhatIf,
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      return await library.install({
        ...common,
        targets: [pathOf(fields.required('target'))],
        platform: fields.text('platform'),
        allPlatforms: fields.flag('allPlatforms'),
        noLatest: fields.flag('noLatest'),
        receipt: fields.text('receipt'),
        whatIf: fields.flag('whatIf'),
      })
    },
  },
  save: {
    changes: unlessWhatIf,
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      const path = fields.required('path')
      if (path === '-') throw new ContainerImageError('USAGE', 'A window has no standard output to save to.')
      const volumeSize = fields.text('volumeSize')
      const recovery = fields.text('recovery')
      return await library.save({
        ...common,
        names: fields.list('names') ?? [],
        path,
        platform: fields.list('platforms'),
        allPlatforms: fields.flag('allPlatforms'),
        source: fields.text('source'),
        format: fields.text('format') as SaveFormat | undefined,
        volumeSize: volumeSize === undefined ? undefined : sizeOf(volumeSize),
        recovery: recovery === undefined ? undefined : percent(recovery),
        force: fields.flag('force'),
        whatIf: fields.flag('whatIf'),
      })
    },
  },
  uninstall: {
    changes: unlessWhatIf,
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.uninstall({ ...common, ...whatToRemove(fields), whatIf: fields.flag('whatIf') })
    },
  },
  load: {
    changes: unlessWhatIf,
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      const engine = fields.required('engine') as EngineRequest['engine']
      const names = [fields.required('name')]
      return await library.load({ ...common, names, engine, whatIf: fields.flag('whatIf') })
    },
  },
  databaseAdd: {
    changes: unlessWhatIf,
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const paths = [pathOf(fields.required('path'))]
      return await library.databaseAdd({ ...common, paths, whatIf: fields.flag('whatIf') })
    },
  },
  tag: {
    changes: () => true,
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.tag({ ...common, from: fields.required('from'), to: fields.required('to') })
    },
  },
  untag: {
    changes: () => true,
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.untag({ ...common, name: fields.required('name') })
    },
  },
}

/** It is always allowed to ask what would be done. */
function unlessWhatIf(fields: Fields): boolean {
  return !fields.flag('whatIf')
}

function sizeOf(text: string): number {
  const size = parseVolumeSize(text)
  if (size !== undefined) return size
  throw new ContainerImageError('USAGE', 'The size of a volume is not one.', {
    expected: '650m, 4g, fat32, dvd or bd',
    found: text,
  })
}
