import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { expect } from 'chai'
import { type Digest, digestOf, MEDIA_TYPES } from '../../manifests/index.js'
import { get, pull, setMirrors, setSetting } from '../../provider/index.js'
import { restoreEnvironment } from '../environment.js'
import {
  type FaultyServer,
  type Handler,
  json,
  type Seen,
  startFaultyServer,
} from '../provider/registry/faulty-server.js'
import { makeSmallImage, type SmallImage } from '../provider/registry/small-image.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'

/** A mirror is a host like any other: what it says is checked as if it were hostile. */
describe('a hostile mirror', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  const NAME = 'registry.invalid/os/base:1'
  let mirror: FaultyServer
  let image: SmallImage
  let store: string

  before(async () => {
    mirror = await startFaultyServer(() => {})
  })
  after(async () => {
    await mirror.stop()
  })
  beforeEach(async () => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
    process.env.HOME = temporary.folder()
    process.env.XDG_DATA_HOME = path.join(process.env.HOME, 'data')
    store = temporary.folder()
    image = makeSmallImage(path.join(temporary.folder(), 'layout'), [3000])
    mirror.seen.length = 0
    mirror.handler = serving()
    await setMirrors({ registry: 'registry.invalid', urls: [mirror.origin], upstream: false })
  })
  afterEach(() => {
    restoreEnvironment(before_)
    temporary.remove()
  })

  /** Serves the image; `instead` answers first where it wants to. */
  function serving(instead: (request: Seen, response: ServerResponse) => boolean = () => false): Handler {
    return (request, response) => {
      if (instead(request, response)) return
      const { pathname } = new URL(request.url, 'http://mirror')
      if (pathname.endsWith('/manifests/1')) return manifest(response, image.manifestBytes)
      if (pathname.endsWith(`/manifests/${image.manifest.digest}`))
        return manifest(response, image.manifestBytes)
      const hex = /\/blobs\/sha256:([0-9a-f]{64})$/.exec(pathname)?.[1]
      const known = [image.config, ...image.layers.map(({ descriptor }) => descriptor)]
      if (!known.some(({ digest }) => digest === `sha256:${hex}`)) return json(response, 404, {})
      response.end(readFileSync(path.join(image.layout, 'blobs/sha256', hex ?? '')))
    }
  }

  function manifest(
    response: ServerResponse,
    bytes: Buffer | string,
    more: Record<string, string> = {},
  ): void {
    response.writeHead(200, { 'content-type': MEDIA_TYPES.ociManifest, ...more }).end(bytes)
  }

  /** Serves the image, but another document for the tag. */
  function servingAsTag(text: string, headers: Record<string, string> = {}): Handler {
    return serving((request, response) => {
      if (!isFor(request, '/manifests/1')) return false
      manifest(response, text, headers)
      return true
    })
  }

  const isFor = (request: Seen, end: string) => new URL(request.url, 'http://mirror').pathname.endsWith(end)
  const pulled = (more: object = {}) => pull({ references: [NAME], store, ...more })

  async function refused(code: Parameters<typeof failure>[1]): Promise<unknown> {
    const error = await failure(pulled(), code)
    expect(await get({ store })).to.deep.equal([])
    return error
  }

  it('that is none at all serves the image', async () => {
    expect((await pulled()).images[0]?.digest).to.equal(image.manifest.digest)
  })

  it('cannot let one thing be checked and another used: a tag is resolved once', async () => {
    let asked = 0
    mirror.handler = serving((request, response) => {
      if (!isFor(request, '/manifests/1') || asked++ === 0) return false
      manifest(response, '{"schemaVersion":2}')
      return true
    })
    expect((await pulled()).images[0]?.digest).to.equal(image.manifest.digest)
    expect(asked).to.equal(1)
  })

  it('cannot send other bytes, more, or fewer than a digest names', async () => {
    const layer = image.layers[0]
    const bytes = layer?.bytes ?? Buffer.alloc(0)
    const other = Buffer.from(bytes)
    other[100] = (other[100] ?? 0) ^ 1
    for (const [sent, code] of [
      [other, 'DIGEST_MISMATCH'],
      [Buffer.concat([bytes, Buffer.alloc(5_000_000)]), 'SIZE_MISMATCH'],
      [bytes.subarray(0, 1000), 'SIZE_MISMATCH'],
    ] as const) {
      mirror.handler = serving((request, response) => {
        if (!isFor(request, `/blobs/${layer?.descriptor.digest}`)) return false
        response.writeHead(200, { 'content-length': sent.length }).end(sent)
        return true
      })
      await refused(code)
    }
  })

  const documents: [string, () => string, Record<string, string>, Parameters<typeof failure>[1]][] = [
    [
      'a document that is an index and a manifest (CVE-2021-41190)',
      () => JSON.stringify({ ...JSON.parse(image.manifestBytes.toString()), manifests: [] }),
      {},
      'INVALID_DOCUMENT',
    ],
    [
      'a digest that is a path (CVE-2024-3727)',
      () => image.manifestBytes.toString(),
      { 'docker-content-digest': 'sha256:../../../../etc/passwd' },
      'REGISTRY_ERROR',
    ],
    [
      'a descriptor whose digest is a path',
      () => image.manifestBytes.toString().replace(/"sha256:[0-9a-f]{64}"/, '"sha256:../../escape"'),
      {},
      'INVALID_DOCUMENT',
    ],
    [
      'a manifest without end',
      () => `{"schemaVersion":2,"x":"${'x'.repeat(5 * 1024 * 1024)}"}`,
      {},
      'DOCUMENT_TOO_LARGE',
    ],
  ]
  for (const [what, text, headers, code] of documents)
    it(`cannot pass on ${what}`, async () => {
      mirror.handler = servingAsTag(text(), headers)
      await refused(code)
    })

  it('cannot give an image another name than the one that was asked for (CVE-2026-50195)', async () => {
    const poisoned = JSON.parse(image.manifestBytes.toString())
    poisoned.annotations = {
      'org.opencontainers.image.ref.name': 'trusted:latest',
      'io.containerd.image.name': 'docker.io/library/trusted:latest',
      'io.containerimage.name': 'trusted',
    }
    const bytes = JSON.stringify(poisoned)
    const digest: Digest = digestOf(Buffer.from(bytes))
    mirror.handler = serving((request, response) => {
      if (!isFor(request, '/manifests/1') && !isFor(request, `/manifests/${digest}`)) return false
      manifest(response, bytes)
      return true
    })
    expect((await pulled()).images[0]?.tags).to.deep.equal(['registry.invalid/os/base:1'])
    expect((await get({ store })).map(({ repository, tag }) => `${repository}:${tag}`)).to.deep.equal([
      'registry.invalid/os/base:1',
    ])
  })

  it('cannot lead a foreign layer to where the rules do not allow it (CVE-2020-15157)', async () => {
    for (const url of ['https://169.254.169.254/x', 'http://mcr.microsoft.com/x', 'https://evil.example/x']) {
      const foreign = JSON.parse(image.manifestBytes.toString())
      const digest = digestOf(Buffer.from(url))
      foreign.layers[0] = { mediaType: MEDIA_TYPES.dockerForeignLayer, digest, size: 10, urls: [url] }
      mirror.handler = servingAsTag(JSON.stringify(foreign))
      await refused('FOREIGN_URL_REFUSED')
    }
  })

  it('cannot lead to the registry that must not be asked, by the URL of a foreign layer', async () => {
    await setMirrors({ registry: 'mcr.microsoft.com', urls: [mirror.origin], upstream: false })
    const foreign = JSON.parse(image.manifestBytes.toString())
    const digest = digestOf(Buffer.from('layer'))
    const urls = ['https://mcr.microsoft.com/v2/x/blobs/x']
    foreign.layers[0] = { mediaType: MEDIA_TYPES.dockerForeignLayer, digest, size: 10, urls }
    mirror.handler = servingAsTag(JSON.stringify(foreign))
    await refused('MIRROR_ONLY')
  })

  it('is named without the password that somebody wrote into its URL', async () => {
    const error = await failure(
      setSetting('mirrors.docker.io', 'https://me:secret@m.example'),
      'SOURCE_INVALID',
    )
    expect(JSON.stringify([String(error), error])).not.to.contain('secret')
    const other = await failure(
      setSetting('mirrors.docker.io', 'https://me:secret@m.example/?x'),
      'SOURCE_INVALID',
    )
    expect(JSON.stringify([String(other), other])).not.to.contain('secret')
  })
})
