import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
import { BLOCK, fileHeader, padded } from '../provider/archives/members/tar-header.js'
import { writeWim } from '../provider/formats/wim/write/index.js'
import { noise, type SampleWindows, utilityVm, windowsImage } from './sample-windows.js'

interface Sample extends SampleWindows {
  form: 'layout' | 'WIM' | 'WIM with a utility VM'
}

const NANO = 'Container OS Image of Windows Server 2016 Technical Preview 5 : Nano Server Installation'
const CORE =
  'Container OS Image of Windows Server 2016 Technical Preview 5 : Windows Server Core Installation'

const NANO_EDITION = { edition: 'ServerDatacenterNano', installationType: 'Nano Server' }
const CORE_EDITION = { edition: 'ServerDatacenterCore', installationType: 'Server Core' }

const nano = { name: 'NanoServer', summary: NANO, ...NANO_EDITION }
const core = { name: 'WindowsServerCore', summary: CORE, ...CORE_EDITION }

const SAMPLES: Sample[] = [
  { ...nano, version: '10.0.14300.1000', size: 3_000_000, form: 'layout' },
  { ...nano, version: '10.0.14300.1010', size: 2_500_000, form: 'WIM' },
  { ...core, version: '10.0.14300.1000', size: 4_000_000, form: 'WIM with a utility VM' },
  { ...core, version: '10.0.14300.1030', size: 4_200_000, form: 'WIM with a utility VM' },
]

/** Where the indexes of the samples are in their folder: ours, and one in the form of the original provider. */
export const SAMPLE_INDEX = 'index.json'
export const PROVIDER_INDEX = 'SearchContainerImages.json'

/**
 * Makes a folder with sample base images of Windows: WIMs, an OCI layout, and two indexes of the WIMs. They have
 * the shape of Windows base images and made-up content; the same content on every machine.
 */
export async function makeSamples(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const wims = SAMPLES.filter(({ form }) => form !== 'layout')
  for (const sample of wims) await makeWim(path.join(folder, fileName(sample)), sample)
  for (const sample of SAMPLES.filter(({ form }) => form === 'layout'))
    makeLayout(path.join(folder, `${sample.name}-${sample.version}`), sample)
  writeJson(path.join(folder, SAMPLE_INDEX), {
    schemaVersion: 1,
    images: wims.map((sample) => indexEntry(folder, sample)),
  })
  writeJson(path.join(folder, PROVIDER_INDEX), wims.map(providerEntry))
}

async function makeWim(file: string, sample: Sample): Promise<void> {
  const images = [windowsImage(sample), ...(sample.form === 'WIM' ? [] : [utilityVm(sample)])]
  await writeWim(file, images, { compression: 'lzx', integrity: true })
}

/** As the original provider named them. */
function fileName({ name, version }: Sample): string {
  return `${name}-${version.replaceAll('.', '-')}.wim`
}

function indexEntry(folder: string, sample: Sample): object {
  const { name, version, summary } = sample
  const bytes = readFileSync(path.join(folder, fileName(sample)))
  const platform = { os: 'windows', architecture: 'amd64', osVersion: version }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const file = { url: fileName(sample), sha256, size: bytes.length }
  return { name, version, summary, publisher: 'Microsoft', ...platform, ...file }
}

function providerEntry(sample: Sample): object {
  const { name, version, summary } = sample
  return { Name: name, Version: version, Description: summary, SasToken: fileName(sample) }
}

function writeJson(file: string, document: unknown): void {
  writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`)
}

function makeLayout(folder: string, sample: Sample): void {
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

function configOf(sample: Sample, diffId: string): Buffer {
  const created = '2016-06-01T00:00:00Z'
  return configBytes({
    os: 'windows',
    architecture: 'amd64',
    'os.version': sample.version,
    'os.features': sample.name === 'NanoServer' ? undefined : ['win32k'],
    created,
    config: { Cmd: ['c:\\windows\\system32\\cmd.exe'] },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, created_by: `Apply image ${sample.version}` }],
  })
}
