import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode, type ListedFile, option, show } from '../../../manifests/index.js'
import { TOOL_FILE } from '../../formats/media/finish.js'
import type { SavedFormat } from '../../formats/open/saved-formats.js'
import { replaceFile } from '../../io/files/durable.js'
import { noSuchPath } from '../../io/files/no-such-path.js'
import { holdsBytes } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import { clearCopied, copyFile } from '../../io/hashing/copy-file.js'
import { sameFile } from '../../io/hashing/same-file.js'
import type { Context } from '../../session/context.js'
import type { CarriedNode } from '../../tool/carried-node.js'
import { carriedTool } from '../../tool/carried-tool.js'
import { nodeArchive } from '../../tool/node-archive.js'
import { CARRIED_NODE_LIST, carriedNodeList, MODULE_FOLDER } from '../../tool/powershell-module.js'
import { starterCmd } from '../../tool/starter-cmd.js'
import { starterSh } from '../../tool/starter-sh.js'
import type { SaveRequest } from './request.js'
import { isFolderTarget } from './saved-files.js'

const LICENSES_FILE = 'containerimage-licenses.txt'
const STARTER_SH = 'containerimage.sh'
const STARTER_CMD = 'containerimage.cmd'

/** Whether the program is to be carried along; Node is useless without it. */
export function wantsTool({ withTool, withNode = [] }: SaveRequest): boolean {
  return withTool === true || withNode.length > 0
}

/**
 * Checks what is to be carried before anything is saved.
 * @throws USAGE if there is no folder to put it in; NODE_ARCHIVE_UNKNOWN, PATH_NOT_FOUND
 */
export function checkCarried(request: SaveRequest, { saved }: SavedFormat): void {
  const { path: target, withNode = [] } = request
  for (const file of withNode) {
    nodeArchive(path.basename(file))
    if (!existsSync(file)) throw noSuchPath(show(file), { side: 'source', expected: 'an archive of Node' })
  }
  if (!wantsTool(request) || saved.isFolder || isFolderTarget(target)) return
  throw new ContainerImageError('USAGE', 'The tool is carried beside what is saved, in a folder.', {
    expected: `a folder for ${option('path')}`,
    found: target,
    remedy: `Give a folder with ${option('path')}, or leave ${option('withTool')} and ${option('withNode')} out.`,
  })
}

/**
 * Puts the program itself into a folder, with its licences and start scripts, and archives of Node if given.
 * Identical files that are already there stay as they are.
 * @param before archives of Node that the folder has, from an earlier run
 * @returns the names of the files
 * @throws TOOL_MISSING, NODE_ARCHIVE_UNKNOWN, PATH_NOT_FOUND, NO_SPACE
 */
export async function carryTool(
  context: Context,
  folder: string,
  withNode: string[],
  before: ListedFile[] = [],
): Promise<string[]> {
  const tool = await carriedTool()
  const node = withNode.map((file) => ({ file, archive: nodeArchive(path.basename(file)) }))
  await putFile(context, tool.file.path, path.join(folder, TOOL_FILE))
  const byName = new Map(nodeBefore(before).map((one) => [one.archive.fileName, one]))
  for (const { file, archive } of node) {
    const sha256 = await putFile(context, file, path.join(folder, archive.fileName))
    byName.set(archive.fileName, { archive, sha256 })
  }
  const carried = [...byName.values()].sort((a, b) => (a.archive.fileName < b.archive.fileName ? -1 : 1))
  await putText(path.join(folder, LICENSES_FILE), tool.licenses)
  await putText(path.join(folder, STARTER_SH), starterSh(carried), 0o755)
  await putText(path.join(folder, STARTER_CMD), starterCmd(carried))
  const module = await putModule(folder, tool.module, carried)
  const archives = carried.map((one) => one.archive.fileName)
  return [TOOL_FILE, LICENSES_FILE, STARTER_SH, STARTER_CMD, ...module, ...archives]
}

/** The PowerShell module in its folder, with a list of the Node archives beside it. @returns the files' paths */
async function putModule(
  folder: string,
  files: Record<string, string>,
  carried: CarriedNode[],
): Promise<string[]> {
  const list = carried.length === 0 ? {} : { [CARRIED_NODE_LIST]: carriedNodeList(carried) }
  const all = Object.entries({ ...files, ...list })
  for (const [name, text] of all) {
    const file = path.join(folder, MODULE_FOLDER, name)
    await inWords(`Making ${path.dirname(file)}`, 'destination', () =>
      mkdir(path.dirname(file), { recursive: true }),
    )
    await putText(file, text)
  }
  return all.map(([name]) => `${MODULE_FOLDER}/${name}`)
}

function nodeBefore(before: ListedFile[]): CarriedNode[] {
  return before.flatMap(({ path: file, sha256 }) => {
    try {
      return [{ archive: nodeArchive(file), sha256 }]
    } catch (error) {
      if (!hasCode(error, 'NODE_ARCHIVE_UNKNOWN')) throw error
      return []
    }
  })
}

/** @returns its SHA-256, in hex */
async function putFile({ hasher, options }: Context, from: string, to: string): Promise<string> {
  const { signal, onProgress } = options
  const there = await sameFile(hasher, from, to, { signal })
  if (!there) return (await copyFile(from, to, { hasher, signal, onProgress })).sha256
  await clearCopied(to)
  return there.sha256
}

async function putText(file: string, text: string, mode = 0o644): Promise<void> {
  const bytes = Buffer.from(text, 'utf8')
  if (await holdsBytes(file, bytes)) return
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes, { mode }))
}
