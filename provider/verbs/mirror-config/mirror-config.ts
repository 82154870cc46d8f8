import { existsSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, command, show, throwIfAborted } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { makeFolderBelow } from '../../io/files/folder-below.js'
import { readUserFile } from '../../io/files/read-user-file.js'
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
  if (request.output === undefined) return { engine: request.engine, files: texts, limits, next }
  const written = await write(texts, request.output, request)
  return { engine: request.engine, files: written, limits, next: [...renames(written), ...next] }
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
  return (await readUserFile(content.copyOf)).toString('utf8')
}

async function write(
  files: WrittenFile[],
  output: string,
  { force, whatIf }: MirrorConfigRequest,
): Promise<WrittenFile[]> {
  const places = files.flatMap((file) => [file.path, withoutColons(file.path)])
  const there = places.map((place) => path.join(output, place)).find((place) => existsSync(place))
  if (there !== undefined && !force)
    throw new ContainerImageError('FILE_EXISTS', `${there} exists already.`, {
      side: 'destination',
      found: 'a file',
    })
  if (whatIf) return files
  try {
    const written: WrittenFile[] = []
    for (const file of files) written.push(await writeOne(file, output))
    return written
  } catch (error) {
    throw fromSystem(error, `Writing below ${output}`, 'destination')
  }
}

type WrittenFile = MirrorConfigResult['files'][number]

/**
 * Names on a stick cannot contain a colon, whatever system writes it; where they can, the file needs no other
 * name.
 */
async function writeOne(file: WrittenFile, output: string): Promise<WrittenFile> {
  const named = withoutColons(file.path)
  let place = path.join(output, file.path)
  const isTaken = await makeFolderOf(place, path.resolve(output)).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (named === file.path || !NO_COLONS.has(error.code ?? '')) throw error
      return false
    },
  )
  if (!isTaken) {
    place = path.join(output, named)
    await makeFolderOf(place, path.resolve(output))
  }
  await replaceFile(place, Buffer.from(file.content))
  return isTaken ? file : { ...file, written: named }
}

/** The errors for a name with a colon, from FAT and exFAT on Linux, and from Windows. */
const NO_COLONS = new Set(['EINVAL', 'ENOENT', 'NOT_PORTABLE'])

/** `host_5000_` for `host:5000`, as containerd spells it everywhere. */
function withoutColons(file: string): string {
  return file.replace(/:([0-9]+)(?=\/|$)/g, '_$1_').replaceAll(':', '_')
}

function renames(files: WrittenFile[]): string[] {
  const folders = files.flatMap(({ path: file, written }) =>
    written === undefined ? [] : [{ from: path.posix.dirname(written), to: path.posix.dirname(file) }],
  )
  return folders.map(
    ({ from, to }) =>
      `No name here can have a colon: on the engine's machine rename ${from} to ${path.posix.basename(to)}, or the engine does not find it: mv ${from} ${to}`,
  )
}

/** Below `/` are this machine's own folders, and its administrator decides where links lead. */
async function makeFolderOf(place: string, output: string): Promise<void> {
  const folder = path.dirname(path.resolve(place))
  if (path.dirname(output) === output) await makeFolder(folder)
  else await makeFolderBelow(output, folder)
}
