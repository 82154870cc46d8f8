import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  ContainerImageError,
  command,
  inUtf8,
  LIMITS,
  option,
  show,
  throwIfAborted,
} from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { makeFolderBelow } from '../../io/files/folder-below.js'
import { readDocument } from '../../io/files/read-document.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { Mirrors } from '../../registry/mirrors.js'
import { listMirrors, mirrorKey } from '../mirrors/mirrors.js'
import type { ConfigFile, EngineConfig, MirroredRegistry } from './config-file.js'
import { containerdConfig } from './containerd.js'
import { dockerConfig } from './docker.js'
import { podmanConfig } from './podman.js'
import type { MirrorConfigRequest, MirrorConfigResult, MirrorEngine } from './request.js'

const ENGINES: Record<MirrorEngine, (registries: MirroredRegistry[]) => EngineConfig> = {
  docker: dockerConfig,
  containerd: containerdConfig,
  podman: podmanConfig,
}

/**
 * The configuration that makes an engine use the mirrors in the settings, as this program does. With `output`
 * the files are written below a folder, at the paths where they belong on the engine's machine.
 * @throws NO_MATCH if a registry has no mirrors, FILE_EXISTS, PATH_NOT_FOUND for an authority's file
 */
export async function mirrorConfig(request: MirrorConfigRequest): Promise<MirrorConfigResult> {
  throwIfAborted(request.signal)
  const settings = await listMirrors()
  const mirrors = new Mirrors(settings)
  const wanted = request.registries?.map(mirrorKey) ?? Object.keys(settings)
  const registries = wanted.map((registry) => ({ registry, ...placesOf(mirrors, registry) }))
  if (registries.length === 0) throw noMirrors('any registry')
  const { files, limits, next } = ENGINES[request.engine](registries)
  const texts = await Promise.all(
    files.map(async (file) => ({ path: file.path, content: await textOf(file), ...copied(file) })),
  )
  if (request.output !== undefined) await write(texts, request.output, request)
  return { engine: request.engine, files: texts, limits, next }
}

function placesOf(mirrors: Mirrors, registry: string) {
  const places = mirrors.of(registry)
  if (!places) throw noMirrors(show(registry))
  return places
}

function noMirrors(registry: string): ContainerImageError {
  return new ContainerImageError('NO_MATCH', `There are no mirrors for ${registry}.`, {
    expected: 'mirrors in the settings',
    found: 'none',
    remedy: `Set them with ${command('config', 'set', 'mirrors.REGISTRY', 'URL')}.`,
  })
}

function copied({ content }: ConfigFile): { copyOf?: string } {
  return 'copyOf' in content ? content : {}
}

async function textOf({ content }: ConfigFile): Promise<string> {
  if ('text' in content) return content.text
  return inUtf8(await readDocument(content.copyOf, LIMITS.userFileBytes)).toString('utf8')
}

async function write(
  files: MirrorConfigResult['files'],
  output: string,
  { force, whatIf }: MirrorConfigRequest,
): Promise<void> {
  const places = files.map((file) => ({ ...file, place: path.join(output, onThisSystem(file.path)) }))
  const there = places.find(({ place }) => existsSync(place))
  if (there && !force)
    throw new ContainerImageError('FILE_EXISTS', `${there.place} exists already.`, {
      side: 'destination',
      remedy: `Choose another folder with ${option('output')}, or overwrite with ${option('force')}.`,
    })
  if (whatIf) return
  try {
    for (const { place, content } of places) {
      await makeFolderOf(place, path.resolve(output))
      await replaceFile(place, Buffer.from(content))
    }
  } catch (error) {
    throw fromSystem(error, `Writing below ${output}`, 'destination')
  }
}

/** Below `/` are this machine's own folders, and its administrator decides where links lead. */
async function makeFolderOf(place: string, output: string): Promise<void> {
  const folder = path.dirname(path.resolve(place))
  if (path.dirname(output) === output) await makeFolder(folder)
  else await makeFolderBelow(output, folder)
}

/** File names on Windows cannot have a colon; docker leaves it out there. */
function onThisSystem(file: string): string {
  return process.platform === 'win32' ? file.replaceAll(':', '') : file
}
