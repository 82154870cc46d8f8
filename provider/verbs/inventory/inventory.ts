import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  command,
  familiarName,
  formatPlatform,
  type InventoryContent,
  inventoryBytes,
  inventoryOf,
  option,
  printable,
} from '../../../manifests/index.js'
import type { EngineImage } from '../../engine/port/engine.js'
import { notAFile } from '../../formats/in-place/file-exists.js'
import { replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import { type Context, inContext } from '../../session/context.js'
import { storeInventory } from '../../store/inventory.js'
import { readSecretKeys } from '../../trust/keys/read-secret-key.js'
import { writeSignedDocument } from '../../trust/sign/sign-document.js'
import { withEngine } from '../get/engine-images.js'
import type { InventoryRequest, InventoryResult } from './request.js'

/**
 * Lists which images and blobs the store, or an engine, has. It says nothing about the host except what the
 * request allows. If keys are given, they sign the file that it is written to.
 * @throws FILE_EXISTS, ENGINE_UNREACHABLE, PERMISSION_DENIED, KEY_INVALID, PASSPHRASE_WRONG; USAGE for keys without a file
 */
export async function inventory(request: InventoryRequest): Promise<InventoryResult> {
  const { sign = [], passphrase } = request
  if (sign.length > 0 && request.path === undefined) throw noFile()
  const keys = await readSecretKeys(sign, passphrase)
  const content = request.engine ? await ofEngine(request) : await inContext(request, ofStore)
  const { host } = request
  const made = inventoryOf({ ...content, ...(host === undefined ? {} : { host }) }, new Date().toISOString())
  const bytes = inventoryBytes(made)
  if (request.path === undefined) return { inventory: made, size: bytes.length }
  const file = path.resolve(request.path)
  await refuseExisting(file, request.force ?? false)
  const written = { inventory: made, path: request.path, size: bytes.length }
  if (request.whatIf) return written
  const write = (): Promise<void> => inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes))
  const signatures = await writeSignedDocument(file, bytes, keys, made.images, write)
  return keys.length === 0 ? written : { ...written, signatures }
}

function noFile(): ContainerImageError {
  return new ContainerImageError('USAGE', 'A signature lies beside the file that it is for.', {
    expected: `${option('path')} besides ${option('sign')}`,
    found: `${option('sign')} alone`,
    remedy: `Say where the inventory goes with ${option('path')}.`,
  })
}

async function ofStore(context: Context): Promise<InventoryContent> {
  const damaged = (digest: string): void =>
    context.note(`${digest} is damaged or cannot be read, and is left out; run ${command('verify')}.`)
  return await storeInventory(await context.store(), context.hasher, damaged, context.options.signal)
}

async function ofEngine(request: InventoryRequest): Promise<InventoryContent> {
  return await withEngine(request, async (engine) => {
    const images = await engine.images({ signal: request.signal })
    return { of: engine.kind, images: images.map(listed), blobs: [] }
  })
}

function listed({ names, platform, digest, diffIds }: EngineImage): InventoryContent['images'][number] {
  const local = names.map(familiarName)
  const [first = { repository: '<none>', tag: '<none>' }] = local.filter(({ tag }) => tag !== 'latest')
  return {
    name: first.repository,
    version: first.tag,
    tags: local.map(({ repository, tag }) => `${repository}:${tag}`),
    platform: formatPlatform(platform),
    digest,
    layers: diffIds.map((diffId) => ({ diffId })),
  }
}

async function refuseExisting(file: string, force: boolean): Promise<void> {
  const there = await stat(file).catch(() => undefined)
  if (!there) return
  if (!there.isFile()) throw notAFile(file)
  if (force) return
  throw new ContainerImageError('FILE_EXISTS', `${printable(file)} exists already.`, {
    side: 'destination',
    expected: 'no file of that name',
    found: 'a file',
  })
}
