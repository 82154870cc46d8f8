import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { ContainerImageError } from '../../../manifests/index.js'
import { type ProgressEvent, type SaveRequest, save } from '../../../provider/index.js'
import { scratch } from '../../scratch.js'
import { type FaultyServer, startFaultyServer } from '../registry/faulty-server.js'
import { Repository } from '../registry/repository.js'
import { failure } from '../verbs/failure.js'

const SIZE = 3_500_000
const COMES = 2_500_000

/** What no engine can apply, in layers whose digests are right. */
const BAD_LAYERS = {
  'bytes that are no tar': () => randomBytes(SIZE),
  'gzip of bytes that are no tar': () => gzipSync(randomBytes(SIZE), { level: 1 }),
  'a tar that is cut short': () => {
    const header = Buffer.alloc(512)
    header.write('big', 0)
    header.write('0000644\0', 100)
    header.write('77777777777\0', 124)
    header.write('        ', 148)
    header.write('0', 156)
    const sum = header.reduce((all, byte) => all + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return Buffer.concat([header, randomBytes(SIZE)])
  },
}

const FORMS: Record<string, Partial<SaveRequest>> = {
  'a tar': { path: 'out.tar' },
  'a docker archive': { path: 'out.tar', format: 'docker-archive' },
  'a zip': { path: 'out.zip' },
  'volumes that cut it': { path: '.', volumeSize: 2_000_000 },
  'volumes with all of it in one': { path: '.', volumeSize: 5_000_000 },
  'the volume with its beginning': { path: '.', volumeSize: 2_000_000, onlyVolume: 1 },
  'the volume with its end': { path: '.', volumeSize: 2_000_000, onlyVolume: 2 },
  'the volume with all of it': { path: '.', volumeSize: 5_000_000, onlyVolume: 1 },
}

describe('a layer that nobody can apply, from a registry', () => {
  const temporary = scratch()
  let server: FaultyServer
  let repository: Repository
  let layer: Buffer
  let isStuck: boolean

  before(async () => {
    server = await startFaultyServer((request, response) => {
      const rest = request.url.replace('/v2/base/app/', '')
      const bytes = repository.blobs.get(rest.replace('blobs/', ''))
      if (!isStuck || bytes !== layer) return repository.answer(rest, request, response)
      response.writeHead(200, { 'content-length': layer.length })
      return response.write(layer.subarray(0, COMES))
    })
  })
  after(() => server.stop())
  beforeEach(() => {
    isStuck = false
  })
  afterEach(() => temporary.remove())

  function offer(bytes: Buffer): void {
    repository = new Repository()
    repository.imageOf(bytes, 'amd64', '1.0')
    layer = bytes
  }

  function requestFor(form: Partial<SaveRequest>): SaveRequest & { path: string } {
    const folder = temporary.folder()
    mkdirSync(path.join(folder, 'stick'))
    return {
      ...form,
      names: [`${server.host}/base/app:1.0`],
      path: path.join(folder, 'stick', form.path ?? ''),
      store: path.join(folder, 'store'),
    }
  }

  /** Whatever stands under a final name: unfinished files are to be continued or thrown away. */
  function finished({ path: target }: { path: string }): string[] {
    const folder = existsSync(target) ? target : path.dirname(target)
    return readdirSync(folder).filter((name) => !/\.(part|lock)$/.test(name))
  }

  /** The code of an error that says that what came is not right. */
  async function refusal(saving: Promise<unknown>): Promise<string> {
    const error: unknown = await saving.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!(error instanceof ContainerImageError)) throw error ?? new Error('It was saved.')
    expect(error.exitCode, error.message).to.equal(4)
    return error.code
  }

  for (const [what, make] of Object.entries(BAD_LAYERS))
    for (const [where, form] of Object.entries(FORMS)) {
      it(`is refused at once, and leaves no finished file: ${what} into ${where}`, async () => {
        offer(make())
        const request = requestFor(form)
        const first = await refusal(save(request))
        expect(finished(request)).to.deep.equal([])
        expect(await refusal(save(request)), 'and once more').to.equal(first)
      })

      // Nothing is kept of a blob whose beginning belongs into another volume.
      if (form.onlyVolume === 2) continue

      it(`is refused where the run before was stopped inside it: ${what} into ${where}`, async () => {
        offer(make())
        const request = requestFor(form)
        isStuck = true
        const stop = new AbortController()
        let copied = 0
        const onProgress = (event: ProgressEvent): void => {
          if (event.type === 'bytes' && event.kind === 'copied') copied += event.count
          if (copied > COMES / 10) stop.abort()
        }
        await failure(save({ ...request, signal: stop.signal, onProgress }), 'INTERRUPTED')
        isStuck = false
        await refusal(save(request))
        expect(finished(request)).to.deep.equal([])
      })
    }
})
