import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, type ProgressEvent, save } from '../../../../provider/index.js'
import { scratch } from '../../../scratch.js'
import { type FaultyServer, startFaultyServer } from '../../registry/faulty-server.js'
import { Repository } from '../../registry/repository.js'
import { tarOf } from '../../registry/small-image.js'
import { failure } from '../../verbs/failure.js'

/** In bytes: one piece fills a volume, and another begins the next. */
const VOLUME = 2_000_000
const COMES = 2_500_000

describe('a set of volumes that was stopped inside a blob that is cut', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let isStuck: boolean
  const layer = tarOf('big', randomBytes(3_500_000))

  before(async () => {
    server = await startFaultyServer((request, response) => {
      const rest = request.url.replace('/v2/base/app/', '')
      if (!isStuck || !rest.startsWith('blobs/') || !rest.endsWith(digestOfLayer()))
        return repository.answer(rest, request, response)
      response.writeHead(200, { 'content-length': layer.length })
      return response.write(layer.subarray(0, COMES))
    })
  })
  after(() => server.stop())
  beforeEach(() => {
    repository = new Repository()
    repository.imageOf(layer, 'amd64', '1.0')
  })
  afterEach(() => temporary.remove())

  const digestOfLayer = (): string =>
    [...repository.blobs].find(([, bytes]) => bytes.length > VOLUME)?.[0] ?? ''

  for (const force of [false, true])
    it(`goes on behind the pieces that are there${force ? ', though it may overwrite' : ''}`, async () => {
      const folder = temporary.folder()
      const stick = path.join(folder, 'stick')
      const request = {
        names: [`${server.host}/base/app:1.0`],
        path: stick,
        volumeSize: VOLUME,
        format: 'oci-archive' as const,
        force: true,
        store: path.join(folder, 'store'),
      }
      isStuck = true
      const stop = new AbortController()
      let copied = 0
      const onProgress = (event: ProgressEvent): void => {
        if (event.type === 'bytes' && event.kind === 'copied') copied += event.count
        if (copied > VOLUME * 0.9) stop.abort()
      }
      await failure(save({ ...request, signal: stop.signal, onProgress }), 'INTERRUPTED')
      isStuck = false
      server.seen.length = 0
      const { reusedBytes } = await save({ ...request, force })
      expect(reusedBytes).to.be.greaterThan(VOLUME * 0.9)
      const blob = server.seen.find(({ url }) => url.endsWith(digestOfLayer()))
      expect(blob?.headers.range).to.match(/^bytes=[1-9]\d{6}-/)
      expect(readdirSync(stick).every((name) => name.endsWith('.tar'))).to.equal(true)
      expect((await install({ targets: [stick], store: path.join(folder, 'site') })).images).to.have.length(1)
    })
})
