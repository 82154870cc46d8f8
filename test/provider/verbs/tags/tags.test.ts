import { expect } from 'chai'
import { tags } from '../../../../provider/index.js'
import { chooseTags } from '../../../../provider/verbs/tags/choose-tags.js'
import { scratch } from '../../../scratch.js'
import { type FaultyServer, json, startFaultyServer } from '../../registry/faulty-server.js'
import { Repository, startRepository } from '../../registry/repository.js'
import { failure } from '../failure.js'

describe('the tags of a repository', () => {
  const texts = (all: string[], choice = {}): string[] => chooseTags(all, choice).map(({ text }) => text)

  it('have the newest version first, and what is not a version behind all of them', () => {
    const all = ['latest', '9.0', '10.0', '10.0.1', 'alpine', '2.10', '2.9', '12']
    expect(texts(all)).to.deep.equal(['10.0.1', '10.0', '9.0', '2.10', '2.9', '12', 'alpine', 'latest'])
  })

  it('are filtered by wildcards, versions and number', () => {
    const all = ['12.5', '12.4', '12.5-slim', '11.9', '11.9-slim', 'rc-buggy', 'latest']
    expect(texts(all, { filter: ['*-slim'] })).to.deep.equal(['11.9-slim', '12.5-slim'])
    expect(texts(all, { filter: ['12.*', 'lat*'], exclude: ['*slim'] })).to.deep.equal([
      '12.5',
      '12.4',
      'latest',
    ])
    expect(texts(all, { minimumVersion: '11.9', maximumVersion: '12.4' })).to.deep.equal(['12.4', '11.9'])
    expect(texts(all, { requiredVersion: '12.*' })).to.deep.equal(['12.5', '12.4', '12.5-slim'])
    expect(texts(all, { requiredVersion: '12.5.0' })).to.deep.equal(['12.5'])
    expect(texts(all, { newest: 2 })).to.deep.equal(['12.5', '12.4'])
    expect(texts(all, { newest: 3, filter: ['11*'] })).to.deep.equal(['11.9', '11.9-slim'])
  })

  it('are refused by numbers and patterns that are none', async () => {
    for (const choice of [{ newest: 0 }, { newest: 1.5 }, { filter: ['[a'] }])
      await failure(tags({ repository: 'localhost:1/a', ...choice }), 'USAGE')
    await failure(tags({ repository: 'localhost:1/a:1.0' }), 'INVALID_REFERENCE')
  })

  describe('in a registry', () => {
    const temporary = scratch()
    let server: FaultyServer
    afterEach(async () => {
      await server.stop()
      temporary.remove()
    })

    it('come from all pages, 50,000 of them in requests that grow with their number alone', async () => {
      const all = Array.from({ length: 50_000 }, (_, i) => `${Math.floor(i / 100)}.${i % 100}`).sort()
      server = await startFaultyServer(({ url }, response) => {
        const query = new URL(url, 'http://x').searchParams
        const last = query.get('last')
        const start = last === null ? 0 : all.indexOf(last) + 1
        const page = all.slice(start, start + Number(query.get('n') ?? 100))
        const isLast = start + page.length >= all.length
        const link = { link: `</v2/a/b/tags/list?n=${query.get('n')}&last=${page.at(-1)}>; rel="next"` }
        return json(response, 200, { name: 'a/b', tags: page }, isLast ? {} : link)
      })
      const found = await tags({ repository: `${server.host}/a/b`, store: temporary.folder() })
      expect(found.total).to.equal(50_000)
      expect(found.tags).to.have.length(50_000)
      expect(found.tags[0]?.tag).to.equal('499.99')
      expect(server.seen).to.have.length(50)
    })

    it('leave out those of signatures, and name digests where they are wanted', async () => {
      const repository = new Repository()
      const image = repository.image('amd64', '1.0', 'latest')
      repository.artifact(undefined, 'signature', `${image.digest.replace(':', '-')}.sig`)
      server = await startRepository(() => repository)
      const request = { repository: `${server.host}/base/app`, store: temporary.folder() }
      const plain = await tags(request)
      expect(plain).to.deep.equal({
        repository: `${server.host}/base/app`,
        total: 3,
        tags: [
          { tag: '1.0', isVersion: true },
          { tag: 'latest', isVersion: false },
        ],
      })
      expect(server.seen).to.have.length(1)
      expect((await tags({ ...request, allTags: true })).tags).to.have.length(3)
      const told = await tags({ ...request, digests: true })
      expect(told.tags.map(({ digest }) => digest)).to.deep.equal([image.digest, image.digest])
      expect(
        server.seen.filter(({ method, url }) => method === 'GET' && url.includes('manifests')),
      ).to.deep.equal([])
    })
  })
})
