import { expect } from 'chai'
import { find } from '../../../provider/index.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { type FaultyServer, json, startFaultyServer } from './faulty-server.js'

describe('a registry that fails over its list of repositories', () => {
  const temporary = scratch()
  let server: FaultyServer

  before(async () => {
    server = await startFaultyServer(({ url }, response) =>
      url.includes('_catalog')
        ? json(response, 500, { errors: [{ code: 'UNKNOWN', message: 'unknown error' }] })
        : json(response, 200, { tags: ['1.0'] }),
    )
  })
  after(async () => {
    await server.stop()
    temporary.remove()
  })
  beforeEach(() => {
    server.seen.length = 0
  })

  const lists = (): number => server.seen.filter(({ url }) => url.includes('_catalog')).length

  for (const names of [undefined, ['*'], ['app*']])
    it(`is asked twice, and not again and again: ${names ?? 'everything'}`, async () => {
      await failure(find({ names, source: server.origin, store: temporary.folder() }), 'REGISTRY_ERROR')
      expect(lists()).to.equal(2)
    })

  it('does not keep an exact name from being found', async () => {
    const { images } = await find({ names: ['app'], source: server.origin, store: temporary.folder() })
    expect(images.map(({ version }) => version)).to.deep.equal(['1.0'])
  })
})
