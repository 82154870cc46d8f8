import {
  canonicalBytes,
  checkLayoutFile,
  type DeltaList,
  deltaListBytes,
  formatPlatform,
  formatReference,
  inventoryBytes,
  inventoryOf,
  MEDIA_TYPES,
  manifestBytes,
  mediaListBytes,
  nextReceipt,
  parseConfig,
  parseDeltaList,
  parseDockerArchive,
  parseIndex,
  parseInventory,
  parseLocalName,
  parseManifest,
  parseMediaList,
  parsePlatform,
  parseReceipts,
  parseReference,
  parseSet,
  parseSetLock,
  parseSums,
  parseVolumeList,
  receiptsBytes,
  setLockBytes,
  sumsBytes,
} from '../../../manifests/index.js'
import { parseLayerDelta, printLayerDelta } from '../../../manifests/layer-delta.js'
import { broken, type Target } from '../target.js'

const DIGEST = `sha256:${'a1'.repeat(32)}`
const descriptor = {
  mediaType: MEDIA_TYPES.ociLayerGzip,
  digest: DIGEST,
  size: 1234,
  urls: ['https://a.example/x'],
  annotations: { a: 'b' },
  platform: {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.1',
    'os.features': ['a'],
    variant: 'v8',
  },
}
const config = { ...descriptor, mediaType: MEDIA_TYPES.ociConfig }
const MANIFEST = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociManifest,
  artifactType: 'a/b',
  config,
  layers: [descriptor],
  subject: descriptor,
  annotations: { x: 'y' },
}
const INDEX = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociIndex,
  manifests: [{ ...descriptor, mediaType: MEDIA_TYPES.ociManifest }],
  annotations: { x: 'y' },
}
const CONFIG = {
  os: 'linux',
  architecture: 'amd64',
  created: '2024-02-11T00:00:00Z',
  author: 'a',
  rootfs: { type: 'layers', diff_ids: [DIGEST] },
  history: [{ created: '2024-02-11T00:00:00Z', created_by: 'x', empty_layer: true }],
  config: { Env: ['A=b'], Cmd: ['x'], Labels: { a: 'b' }, ExposedPorts: { '80/tcp': {} } },
}
const MEDIA = {
  mediaVersion: 1,
  images: [
    {
      name: 'a',
      version: '1',
      fullName: 'CN=a',
      tag: 'a:1',
      platform: 'linux/amd64',
      digest: DIGEST,
      mediaType: 'x',
      size: 1,
      source: 's',
      saved: 't',
      savedBy: '1',
    },
  ],
  files: [{ path: 'blobs/x', size: 1, sha256: 'a1'.repeat(32) }],
}
const VOLUMES = {
  volumeVersion: 1,
  set: 'a'.repeat(64),
  number: 1,
  images: [],
  volumes: [
    { name: 'a.tar', size: 10 },
    { name: 'b.tar', size: 10 },
  ],
  blobs: [
    {
      digest: DIGEST,
      size: 10,
      pieces: [
        { volume: 1, from: 0, size: 4 },
        { volume: 2, from: 4, size: 6 },
      ],
    },
  ],
}
const INVENTORY = inventoryOf(
  {
    of: 'store',
    host: 'h',
    images: [
      {
        name: 'a',
        version: '1',
        platform: 'linux/amd64',
        digest: DIGEST,
        tags: ['a:1'],
        layers: [{ digest: DIGEST, diffId: DIGEST }],
      },
    ],
    blobs: [{ digest: DIGEST, size: 1 }],
  },
  '2024-02-11T00:00:00Z',
)
const OTHER = `sha256:${'b2'.repeat(32)}`
const DELTA_LIST: DeltaList = {
  deltaVersion: 1,
  bases: [{ kind: 'archive', id: 'a', name: 'b', created: 'c' }],
  missing: [
    {
      digest: DIGEST,
      size: 1,
      neededBy: ['a:1'],
      inBase: ['b'],
      delta: { digest: OTHER, size: 1, needs: [{ digest: OTHER, diffId: OTHER, size: 1 }] },
    },
  ],
}
const LAYER_DELTA = printLayerDelta({
  form: 'tar',
  exact: true,
  layer: { digest: DIGEST, size: 1 },
  diffId: DIGEST,
  streamSize: 1,
  bases: [{ digest: OTHER, diffId: OTHER, size: 1, streamSize: 1 }],
})
const LOCK = {
  lockVersion: 1,
  asks: DIGEST,
  images: [
    {
      name: 'a',
      version: '1',
      platform: 'linux/amd64',
      asked: 'a',
      reference: 'docker.io/library/a:1',
      digest: DIGEST,
      size: 1,
      layers: [{ digest: DIGEST, size: 1 }],
      artifacts: [DIGEST],
    },
  ],
}
const RECEIPT = nextReceipt(
  undefined,
  {
    store: 's'.repeat(32),
    from: ['a.tar'],
    images: [{ name: 'a', version: '1', platform: 'linux/amd64', digest: DIGEST, outcome: 'installed' }],
    blobs: [{ digest: DIGEST, size: 1, outcome: 'installed' }],
  },
  '2024-02-11T00:00:00Z',
)
const SET = `# a set\nplatforms: [linux/amd64]\nimages:\n  - debian\n  - name: nano\n    version: '10.0.*'\n    platforms: [linux/amd64, linux/arm64]\n  - {name: x, minimumVersion: "1.0"}\n`

/** A document that is read, written, and read again with the same result. */
function document(
  name: string,
  seeds: unknown[],
  parse: (bytes: Buffer) => unknown,
  print: (value: never) => Uint8Array = canonicalBytes,
): Target {
  return {
    name,
    prepare: () => ({
      seeds: seeds.map((one) => Buffer.from(typeof one === 'string' ? one : JSON.stringify(one))),
      words: [
        DIGEST,
        MEDIA_TYPES.ociIndex,
        '"mediaType":',
        '"manifests":[]',
        ...Object.keys(seeds[0] as object),
      ],
      take(input) {
        const value = parse(input)
        if (value === undefined) return
        const again = parse(Buffer.from(print(value as never)))
        if (JSON.stringify(again) !== JSON.stringify(parse(Buffer.from(print(again as never)))))
          broken('what it prints is read as something else')
        if (Buffer.compare(print(value as never), print(again as never)) !== 0)
          broken('it prints something else the second time')
      },
    }),
  }
}

/** A word that is read and written. */
function word(
  name: string,
  seeds: string[],
  parse: (text: string) => unknown,
  print?: (value: never) => string,
): Target {
  return {
    name,
    prepare: () => ({
      seeds: seeds.map((text) => Buffer.from(text)),
      take(input) {
        const value = parse(input.toString('utf8'))
        if (value === undefined || !print) return
        const again = parse(print(value as never))
        if (JSON.stringify(again) !== JSON.stringify(value))
          broken(`${JSON.stringify(value)} and ${JSON.stringify(again)}`)
      },
    }),
  }
}

export const DOCUMENTS: Target[] = [
  document(
    'manifest',
    [MANIFEST],
    (bytes) => parseManifest(bytes, MEDIA_TYPES.ociManifest),
    manifestBytes as never,
  ),
  document('index', [INDEX], (bytes) => parseIndex(bytes)),
  document('config', [CONFIG], (bytes) => parseConfig(bytes)),
  document('layout-file', ['{"imageLayoutVersion":"1.0.0"}'], (bytes) => void checkLayoutFile(bytes)),
  document(
    'docker-archive',
    [[{ Config: 'a.json', RepoTags: ['a:1'], Layers: ['b/layer.tar'], LayerSources: {} }]],
    (bytes) => parseDockerArchive(bytes),
  ),
  document('media-list', [MEDIA], (bytes) => parseMediaList(bytes), mediaListBytes as never),
  document('sums', [`${'a1'.repeat(32)}  blobs/x\n`], (bytes) => parseSums(bytes), sumsBytes as never),
  document('volume-list', [VOLUMES], (bytes) => parseVolumeList(bytes)),
  document('inventory', [INVENTORY], (bytes) => parseInventory(bytes), inventoryBytes as never),
  document(
    'receipts',
    [receiptsBytes([RECEIPT]).toString()],
    (bytes) => parseReceipts(bytes, 'r'),
    receiptsBytes as never,
  ),
  document('delta-list', [DELTA_LIST], (bytes) => parseDeltaList(bytes), deltaListBytes as never),
  document(
    'layer-delta',
    [Buffer.from(LAYER_DELTA).toString()],
    (bytes) => parseLayerDelta(bytes),
    printLayerDelta as never,
  ),
  document('set-lock', [LOCK], (bytes) => parseSetLock(bytes, 'lock'), setLockBytes as never),
  {
    name: 'set',
    prepare: () => ({
      seeds: [Buffer.from(SET), Buffer.from('debian\nredis:7\n'), Buffer.from('{"images":["a"]}')],
      words: ['- ', '&a ', '*a', '<<: *a', '!!', '|', '>', '---\n', '%YAML', '? ', '{', '['],
      async take(input) {
        const { findings } = await parseSet(input, 'set', ['tar'])
        findings.throwIfAny()
      },
    }),
  },
  word(
    'reference',
    ['docker.io/library/debian:12.5', `localhost:5000/a/b@${DIGEST}`, '[::1]:5000/x:1'],
    parseReference,
    formatReference as never,
  ),
  word('local-name', ['debian:12.5', 'quay.io/a/b:c'], parseLocalName),
  word('platform', ['windows/amd64:10.0.1', 'linux/arm64/v8'], parsePlatform, formatPlatform as never),
]
