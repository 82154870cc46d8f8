import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  ANNOTATIONS,
  blobPath,
  configBytes,
  type Descriptor,
  digestOf,
  indexBytes,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  manifestBytes,
} from '../manifests/index.js'
import { BLOCK, fileHeader, padded } from '../provider/members/tar-header.js'

interface Sample {
  name: string
  version: string
  summary: string
  /** Bytes of the made-up files. */
  size: number
}

const NANO = 'Container OS Image of Windows Server 2016 Technical Preview 5 : Nano Server Installation'
const CORE =
  'Container OS Image of Windows Server 2016 Technical Preview 5 : Windows Server Core Installation'

const SAMPLES: Sample[] = [
  { name: 'NanoServer', version: '10.0.14300.1000', summary: NANO, size: 3_000_000 },
  { name: 'NanoServer', version: '10.0.14300.1010', summary: NANO, size: 3_100_000 },
  { name: 'WindowsServerCore', version: '10.0.14300.1000', summary: CORE, size: 6_000_000 },
  { name: 'WindowsServerCore', version: '10.0.14300.1030', summary: CORE, size: 6_200_000 },
]

/**
 * Makes a folder with two sample base images in two versions each, as OCI layouts. They have the shape of
 * Windows base images and made-up content; the same content on every machine.
 */
export function makeSamples(folder: string): void {
  for (const sample of SAMPLES) makeSample(path.join(folder, `${sample.name}-${sample.version}`), sample)
}

function makeSample(folder: string, sample: Sample): void {
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  const tar = layerTar(sample)
  const layer = addBlob(folder, MEDIA_TYPES.ociLayerGzip, gzipSync(tar, { level: 1 }))
  const config = addBlob(folder, MEDIA_TYPES.ociConfig, configOf(sample, digestOf(tar)))
  const document = manifestBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config,
    layers: [layer],
  })
  const manifest = addBlob(folder, MEDIA_TYPES.ociManifest, document)
  const annotations = {
    [ANNOTATIONS.refName]: `${sample.name.toLowerCase()}:${sample.version}`,
    [ANNOTATIONS.name]: sample.name,
    [ANNOTATIONS.imageVersion]: sample.version,
    [ANNOTATIONS.publisher]: 'Microsoft',
    [ANNOTATIONS.description]: sample.summary,
  }
  const platform = { os: 'windows', architecture: 'amd64', 'os.version': sample.version }
  const manifests = [{ ...manifest, platform, annotations }]
  writeFileSync(
    path.join(folder, 'index.json'),
    indexBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }),
  )
  writeFileSync(path.join(folder, 'oci-layout'), LAYOUT_BYTES)
}

function addBlob(folder: string, mediaType: string, bytes: Buffer): Descriptor {
  const digest = digestOf(bytes)
  writeFileSync(path.join(folder, blobPath(digest)), bytes)
  return { mediaType, digest, size: bytes.length }
}

function layerTar(sample: Sample): Buffer {
  const version = Buffer.from(`${sample.name} ${sample.version}\r\n`)
  const content = noise(`${sample.name} ${sample.version}`, sample.size)
  const system = 'Files/Windows/System32'
  return Buffer.concat([
    ...member(`${system}/license.rtf`, Buffer.from('A made-up image for the demo.\r\n')),
    ...member(`${system}/version.txt`, version),
    ...member(`${system}/kernel.bin`, content),
    Buffer.alloc(2 * BLOCK),
  ])
}

function member(name: string, bytes: Buffer): Buffer[] {
  return [fileHeader(name, bytes.length), bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]
}

/** Bytes that depend on the seed alone and do not compress. */
function noise(seed: string, size: number): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0; i * 64 < size; i++) blocks.push(createHash('sha512').update(`${seed} ${i}`).digest())
  return Buffer.concat(blocks, size)
}

function configOf(sample: Sample, diffId: string): Buffer {
  const created = '2016-06-01T00:00:00Z'
  return configBytes({
    os: 'windows',
    architecture: 'amd64',
    'os.version': sample.version,
    ...(sample.name === 'NanoServer' ? {} : { 'os.features': ['win32k'] }),
    created,
    config: { Cmd: ['c:\\windows\\system32\\cmd.exe'] },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, created_by: `Apply image ${sample.version}` }],
  })
}
