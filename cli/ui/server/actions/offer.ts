import type { Action } from './action.js'

type Offer = 'sources' | 'search' | 'find' | 'tags'

/** What sources have. */
export const OFFER: { [Name in Offer]: Action<Name> } = {
  sources: {
    async run() {
      return await (await import('../../../../provider/index.js')).listSources()
    },
  },
  search: {
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.search({
        ...common,
        term: fields.required('term'),
        source: fields.text('source'),
        limit: 100,
      })
    },
  },
  find: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const source = fields.text('source')
      const { images, notes } = await library.find({
        ...common,
        names: fields.list('names'),
        source: source && pathOf(source),
        allVersions: fields.flag('allVersions'),
        platform: fields.text('platform'),
      })
      return { images, notes }
    },
  },
  tags: {
    async run(fields, { common }) {
      const library = await import('../../../../provider/index.js')
      return await library.tags({
        ...common,
        repository: fields.required('repository'),
        source: fields.text('source'),
      })
    },
  },
}
