import { randomFillSync } from 'node:crypto'
import { expect } from 'chai'
import type { ContainerImageError, Descriptor } from '../../../../manifests/index.js'
import type { Bytes } from '../../../../provider/io/bytes.js'
import type { RegistryClient } from '../../../../provider/registry/client.js'
import type { Destination } from '../../../../provider/registry/push/destination.js'
import { uploadBlob } from '../../../../provider/registry/push/upload.js'
import { scratch } from '../../../scratch.js'
import { dockerConfig } from '../docker-config.js'
import { blob, failure, impatientClient } from '../reading.js'
import { type ScriptedRegistry, startScriptedRegistry } from './scripted-registry.js'

const MIB = 1024 * 1024

describe('pushing one blob', () => {
  const temporary = scratch()
  const large = randomFillSync(Buffer.alloc(5 * MIB + 123))
  let registry: ScriptedRegistry
  let notes: string[]
  const clients: RegistryClient[] = []

  beforeEach(async () => {
    registry = await startScriptedRegistry()
    notes = []
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close()
    await registry.stop()
  })
  after(() => temporary.remove())

  function destination(options: { auths?: Record<string, string> } = {}): Destination {
    const client = impatientClient({
      onNote: (line) => notes.push(line),
      dockerConfig: dockerConfig(temporary.folder(), options.auths ?? {}),
      timeouts: { connect: 1000, headers: 1000, bodyIdle: 1000 },
    })
    clients.push(client)
    return { client, registry: registry.host, repository: 'base/image', insecure: false }
  }

  /** Sends bytes in chunks of the size of the store's; `counted` is told of progress. */
  async function send(
    bytes: Buffer,
    options: {
      mountFrom?: string
      pieces?: { above: number; bytes: number }
      descriptor?: Descriptor
      to?: Destination
      counted?: number[]
    } = {},
  ): Promise<string> {
    const content = {
      descriptor: options.descriptor ?? blob(bytes),
      open: (from: number) => inChunks(bytes.subarray(from)),
      onBytes: (count: number) => void options.counted?.push(count),
    }
    return await uploadBlob(options.to ?? destination(), content, options.mountFrom, options.pieces)
  }
  const refused = (code: Parameters<typeof failure>[1]): Promise<ContainerImageError> =>
    failure(send(large), code)
  const methods = (): string[] => registry.came.map(({ method }) => method)
  const arrived = (): boolean => registry.blobs.get(blob(large).digest)?.equals(large) === true
  const PIECES = { above: MIB, bytes: 2 * MIB }

  it('sends a blob whole, in one request after the one that begins', async () => {
    for (const bytes of [large, Buffer.from('small'), Buffer.alloc(0)]) {
      registry.came.length = 0
      const counted: number[] = []
      expect(await send(bytes, { counted })).to.equal('sent')
      expect(methods()).to.deep.equal(['POST', 'PUT'])
      expect(registry.blobs.get(blob(bytes).digest)?.equals(bytes)).to.equal(true)
      expect(counted.reduce((a, b) => a + b, 0)).to.equal(bytes.length)
    }
    expect(registry.came.at(-1)?.url, 'the query that the registry wrote').to.contain(
      '?_state=a%2Fb%3D&digest=',
    )
  })

  it('sends a very large blob in pieces, one behind the other', async () => {
    await send(large, { pieces: PIECES })
    expect(methods()).to.deep.equal(['POST', 'PATCH', 'PATCH', 'PATCH', 'PUT'])
    expect(registry.came.map(({ headers }) => headers['content-range'])).to.deep.equal([
      undefined,
      `0-${2 * MIB - 1}`,
      `${2 * MIB}-${4 * MIB - 1}`,
      `${4 * MIB}-${large.length - 1}`,
      undefined,
    ])
    expect(arrived()).to.equal(true)
  })

  it('makes no piece but the last smaller than the registry wants (OCI-Chunk-Min-Length)', async () => {
    registry.script = { leastPiece: 3 * MIB }
    await send(large, { pieces: PIECES })
    const lengths = registry.came.filter(({ method }) => method === 'PATCH').map(({ bytes }) => bytes)
    expect(lengths).to.deep.equal([3 * MIB, large.length - 3 * MIB])
    expect(arrived()).to.equal(true)
  })

  it('goes on behind the last byte that arrived when the connection breaks', async () => {
    registry.script = { cuts: [3 * MIB] }
    const counted: number[] = []
    await send(large, { counted })
    expect(arrived()).to.equal(true)
    const sent = registry.came.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(sent, 'no byte twice').to.equal(large.length)
    expect(counted.reduce((a, b) => a + b, 0)).to.equal(large.length)
    expect(notes.join()).to.match(/Going on with blob/)
  })

  it('has patience as long as something arrives between two failures', async () => {
    registry.script = { cuts: Array.from({ length: 8 }, () => MIB / 2) }
    await send(large)
    expect(arrived()).to.equal(true)
    expect(registry.script.cuts).to.deep.equal([])
  })

  it('begins anew where the registry has given the upload up', async () => {
    registry.script = { cuts: [1.5 * MIB], forgets: true }
    await send(large, { pieces: PIECES })
    expect(arrived()).to.equal(true)
    expect(methods().filter((method) => method === 'POST')).to.have.length(2)
  })

  it('asks where it is when a piece is refused as the wrong one (416)', async () => {
    registry.script = { unsatisfied: true }
    await send(large, { pieces: PIECES })
    expect(arrived()).to.equal(true)
    expect(methods()).to.contain('GET')
  })

  it('sends it whole to a registry that takes no pieces', async () => {
    registry.script = { refusesPieces: 405 }
    await send(large, { pieces: PIECES })
    expect(arrived()).to.equal(true)
    expect(methods().at(-1)).to.equal('PUT')
  })

  it('sends nothing again where only the answer was lost', async () => {
    registry.script = { swallowsAnswer: true }
    await send(large)
    expect(methods()).to.deep.equal(['POST', 'PUT', 'HEAD'])
    expect(arrived()).to.equal(true)
  })

  it('gives up when nothing arrives again and again', async () => {
    registry.script = { answer: { status: 503 } }
    const error = await refused('REGISTRY_ERROR')
    expect(error.side).to.equal('destination')
    expect(methods().length).to.equal(4)
  })

  it('takes the blob from another repository where the registry can', async () => {
    registry.script = { mount: 'done' }
    expect(await send(large, { mountFrom: 'base/other' })).to.equal('mounted')
    expect(registry.came.map(({ url }) => url)).to.deep.equal([
      `/v2/base/image/blobs/uploads/?mount=${blob(large).digest}&from=base%2Fother`,
    ])
  })

  it('sends it in the same upload where the registry does not mount (202), and anew where it refuses', async () => {
    registry.script = { mount: 'ignored' }
    expect(await send(large, { mountFrom: 'base/other' })).to.equal('sent')
    expect(methods()).to.deep.equal(['POST', 'PUT'])
    registry.script = { mount: 'unauthorized' }
    registry.came.length = 0
    expect(await send(large, { mountFrom: 'base/other' })).to.equal('sent')
    expect(methods()).to.deep.equal(['POST', 'POST', 'PUT'])
  })

  it('never sends the last bytes of a blob that is not what it should be, and takes the upload back', async () => {
    const descriptor = { ...blob(large), digest: blob(Buffer.from('other')).digest }
    await failure(send(large, { descriptor }), 'DIGEST_MISMATCH')
    expect(methods()).to.deep.equal(['POST', 'PUT', 'DELETE'])
    expect(registry.came[1]?.bytes).to.be.lessThan(large.length)
    await failure(send(large, { descriptor: { ...blob(large), size: large.length + 1 } }), 'SIZE_MISMATCH')
    await failure(send(large, { descriptor: { ...blob(large), size: large.length - 1 } }), 'SIZE_MISMATCH')
    expect(registry.blobs.size).to.equal(0)
  })

  it('gives no credentials to another host that the upload goes on at', async () => {
    const other = await startScriptedRegistry()
    registry.script = { wantsBasic: true, location: (path) => `http://${other.host}${path}` }
    const to = destination({ auths: { [registry.host]: 'user:secret', [other.host]: 'user:secret' } })
    await failure(send(large, { to }), 'NOT_FOUND')
    await other.stop()
    expect(registry.came.some(({ headers }) => headers.authorization !== undefined)).to.equal(true)
    expect(other.came.length).to.be.greaterThan(0)
    for (const { headers } of other.came) expect(headers.authorization).to.equal(undefined)
  })

  it('does not go on over plain http on another machine, or at a URL with credentials', async () => {
    for (const place of [
      'http://192.0.2.1/upload',
      'http://user:secret@127.0.0.1:1/upload',
      'ftp://127.0.0.1/a',
    ]) {
      registry.script = { location: () => place }
      const error = await refused('REDIRECT_REFUSED')
      expect(error.side).to.equal('destination')
      expect(JSON.stringify(error)).to.not.contain('secret')
    }
  })

  const answers = [
    { status: 401, code: 'UNAUTHORIZED', as: 'UNAUTHORIZED', says: /repository:base\/image:pull,push/ },
    { status: 403, code: 'DENIED', as: 'UNAUTHORIZED', says: /repository:base\/image:pull,push/ },
    {
      status: 403,
      code: 'DENIED',
      message: 'will exceed the configured upper limit',
      as: 'NO_SPACE',
      says: /quota/,
    },
    { status: 404, code: 'NAME_UNKNOWN', as: 'NOT_FOUND', says: /project/ },
    { status: 405, code: 'UNSUPPORTED', as: 'REGISTRY_READ_ONLY', says: /read-only/ },
    { status: 413, as: 'REGISTRY_ERROR', says: /client_max_body_size/ },
    { status: 507, as: 'NO_SPACE', says: /quota/ },
  ] as const
  for (const { as, says, ...answer } of answers)
    it(`says ${as} for the answer ${answer.status}${'message' in answer ? ' about a quota' : ''}`, async () => {
      registry.script = { answer }
      const error = await refused(as)
      expect(`${error.message} ${error.expected} ${error.remedy}`).to.match(says)
      expect(error.side).to.equal('destination')
    })
})

/** In chunks of the buffer that files are read into, each valid until the next is asked for. */
async function* inChunks(bytes: Buffer): Bytes {
  const buffer = Buffer.alloc(MIB)
  for (let at = 0; at < bytes.length; at += MIB) {
    const chunk = bytes.subarray(at, at + MIB)
    chunk.copy(buffer)
    yield buffer.subarray(0, chunk.length)
  }
}
