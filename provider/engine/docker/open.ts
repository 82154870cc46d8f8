import type { Platform } from '../../../manifests/index.js'
import { platform } from '../../../manifests/index.js'
import { sizeByHistory } from '../client/history-sizes.js'
import { countContainers } from '../port/count-containers.js'
import type { Engine, EngineOptions } from '../port/engine.js'
import { checkFits } from '../port/fits.js'
import { dockerAddress } from './address.js'
import { DockerClient } from './client.js'
import { lacking } from './has.js'
import { historySizes, imagesOfContainers, listImages } from './images.js'
import { DOCKER_ARCHIVE, type LoadForm, OCI_LAYOUT } from './load-form.js'
import { removeImage } from './remove.js'
import { DockerSink } from './sink.js'
import { savedByDocker } from './source.js'

/** Connects to docker. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED, USAGE */
export async function openDocker(options: EngineOptions): Promise<Engine> {
  const address = dockerAddress(options)
  const client = new DockerClient(address)
  try {
    const version = await client.greet(options.signal)
    const info = (await client.json('GET', '/info', { signal: options.signal })) as Info
    const number = typeof version.Version === 'string' ? version.Version : 'of an unknown version'
    client.label = `docker ${number} at ${address.text}`
    return engineOf(client, number, platformOf(info, version), formOf(info), options)
  } catch (error) {
    client.close()
    throw error
  }
}

/** moby, api/swagger.yaml, "SystemInfo": what is used of it. */
interface Info {
  OSType?: unknown
  Architecture?: unknown
  DriverStatus?: unknown
}

function engineOf(
  client: DockerClient,
  version: string,
  where: Platform,
  form: LoadForm,
  { scratch }: EngineOptions,
): Engine {
  const { label } = client
  return {
    kind: 'docker',
    label,
    version,
    platform: where,
    images: async ({ signal } = {}) => await listImages(client, signal),
    containers: async ({ signal } = {}) => await countContainers(() => imagesOfContainers(client, signal)),
    sizeBelow: async ({ id }, layers, { signal } = {}) =>
      sizeByHistory(await historySizes(client, id, signal), layers),
    async lacks(plan, { signal } = {}) {
      checkFits({ label, platform: where }, plan)
      return await lacking(client, plan, form, signal)
    },
    sink: () => new DockerSink({ label, platform: where }, client, form),
    open: async (names, { signal } = {}) => await savedByDocker(client, names, { scratch, signal }),
    remove: async (name, how) => await removeImage(client, name, how),
    close: async () => client.close(),
  }
}

/** With containerd's image store (docker 25 and newer) digests are kept, so that is what it gets. */
function formOf({ DriverStatus }: Info): LoadForm {
  const lines = Array.isArray(DriverStatus) ? DriverStatus.flat() : []
  return lines.includes('io.containerd.snapshotter.v1') ? OCI_LAYOUT : DOCKER_ARCHIVE
}

/** Windows tells its build in the kernel's version: `10.0 20348 (20348.1.amd64fre.fe_release.210507-1500)`. */
function platformOf(info: Info, version: { Arch?: unknown; KernelVersion?: unknown }): Platform {
  const os = typeof info.OSType === 'string' ? info.OSType : 'linux'
  const machine = typeof version.Arch === 'string' ? version.Arch : String(info.Architecture ?? 'amd64')
  const build = /^(\d+\.\d+) (\d+)/.exec(String(version.KernelVersion ?? ''))
  return platform(os, machine, undefined, os === 'windows' && build ? `${build[1]}.${build[2]}` : undefined)
}
