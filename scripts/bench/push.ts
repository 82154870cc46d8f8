import { randomFillSync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import {
  configBytes,
  type Descriptor,
  digestOf,
  MEDIA_TYPES,
  manifestBytes,
  parseManifest,
} from '../../manifests/index.js'
import { type DockerRegistry, startDockerRegistry } from '../../test/peers/docker-registry.js'
import { makeBenchImage } from './made-image.js'
import { mustRun, optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * Measures push alongside skopeo, in turn, to a docker-registry on this machine that has nothing, or only the base.
 * `--folder DIR` chooses where the registry writes, `--size BYTES` and `--runs N` how much, `--layout DIR` an image
 * made before.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const runs = Number(optionIn(args, 'runs') ?? 5)
const place = mkdtempSync(path.join(optionIn(args, 'folder') ?? os.tmpdir(), 'containerimage-bench-'))

export async function run(): Promise<void> {
  try {
    await measurePushes()
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

async function measurePushes(): Promise<void> {
  const layout = optionIn(args, 'layout') ?? path.join(place, 'layout')
  if (!existsSync(path.join(layout, 'oci-layout')))
    await makeBenchImage(layout, Number(optionIn(args, 'size') ?? 1.3e9))
  const upon = path.join(place, 'upon')
  makeImageUpon(layout, upon)
  const store = path.join(place, 'store')
  for (const folder of [layout, upon])
    mustRun([process.execPath, program, 'install', folder, '--store', store, '--quiet'])
  const registry = await startDockerRegistry({ parent: place })
  try {
    await comparePushes(registry, store, layout, upon)
  } finally {
    await registry.stop()
  }
}

async function comparePushes(
  registry: DockerRegistry,
  store: string,
  layout: string,
  upon: string,
): Promise<void> {
  const at = `${registry.host}/bench`
  const ours = (name: string): string[] => [
    process.execPath,
    program,
    'push',
    name,
    at,
    '--store',
    store,
    '--quiet',
  ]
  const skopeo = (folder: string, name: string): string[] => [
    'skopeo',
    'copy',
    '-q',
    '--dest-tls-verify=false',
    `oci:${folder}:${name}`,
    `docker://${at}/${name}`,
  ]
  const empty = (): void => remove(registry.folder)
  const base = (): void => {
    empty()
    mustRun(ours('bench:1.0'))
  }
  const all = { ours: ours('bench:1.0'), skopeo: skopeo(layout, 'bench:1.0') }
  const top = { ours: ours('upon:1.0'), skopeo: skopeo(upon, 'upon:1.0') }
  await compare('a registry that has nothing', [
    { title: 'ours', before: empty, command: all.ours },
    { title: 'skopeo copy', before: empty, command: all.skopeo },
  ])
  await compare('an image upon a base that the registry has in another repository', [
    { title: 'ours', before: base, command: top.ours },
    { title: 'skopeo copy', before: base, command: top.skopeo },
    { title: 'skopeo copy of the base', before: empty, command: all.skopeo },
  ])
  await compare('an image that the registry has', [
    { title: 'ours', command: all.ours },
    { title: 'skopeo copy', command: all.skopeo },
  ])
}

async function compare(title: string, contenders: Parameters<typeof runInTurn>[0]): Promise<void> {
  printResults(title, await runInTurn(contenders, runs, 1))
}

/** An image with the layers of another and a layer of 10 MB of its own, in a separate layout. */
function makeImageUpon(base: string, folder: string): void {
  const read = (digest: string): Buffer => readFileSync(path.join(base, 'blobs', 'sha256', digest.slice(7)))
  const [entry] = (
    JSON.parse(readFileSync(path.join(base, 'index.json'), 'utf8')) as { manifests: Descriptor[] }
  ).manifests
  const manifest = parseManifest(read(entry?.digest ?? ''))
  const config = JSON.parse(read(manifest.config.digest).toString('utf8'))
  mustRun(['cp', '-r', base, folder])
  const add = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes)
    writeFileSync(path.join(folder, 'blobs', 'sha256', digest.slice(7)), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  // A tar may end with any number of empty blocks; an empty one is enough for a registry.
  const tar = Buffer.concat([Buffer.alloc(1024), randomFillSync(Buffer.alloc(10_000_000))])
  const layer = add(MEDIA_TYPES.ociLayerGzip, gzipSync(tar, { level: 1 }))
  config.rootfs.diff_ids.push(digestOf(tar))
  const layers = [...manifest.layers, layer]
  const made = add(
    MEDIA_TYPES.ociManifest,
    manifestBytes({ ...manifest, config: add(MEDIA_TYPES.ociConfig, configBytes(config)), layers }),
  )
  const annotations = { 'org.opencontainers.image.ref.name': 'upon:1.0' }
  const index = { schemaVersion: 2, manifests: [{ ...made, annotations }] }
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index))
}
