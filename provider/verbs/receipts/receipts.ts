import type { Dirent } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, printable } from '../../../manifests/index.js'
import { listFolder } from '../../io/files/list-folder.js'
import { kindInWords } from '../../io/files/regular-file.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { RECEIPTS_FOLDER, storeLog } from '../../receipts/log.js'
import { inContext } from '../../session/context.js'
import { trustedLogs } from '../../trust/taking/trusted-logs.js'
import type { ReceiptLog, ReceiptRequest } from './request.js'

/**
 * Reads logs of receipts and checks their chains: the store's own, files, or all on a media. If keys are
 * trusted, files must be signed by them; the store's own log need not be signed.
 * @throws RECEIPT_INVALID with every line that was changed, PATH_NOT_FOUND; SIGNATURE_MISSING, SIGNATURE_INVALID,
 * SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function readReceipts(request: ReceiptRequest = {}): Promise<ReceiptLog[]> {
  return await inContext(request, async (context) => {
    const paths = request.paths ?? []
    if (paths.length === 0) {
      const { places } = await context.store()
      return [{ path: places.root, receipts: await storeLog(places), signers: [] }]
    }
    const files: string[] = []
    for (const place of paths) files.push(...(await logsAt(place)))
    return await trustedLogs(context, files)
  })
}

/** A file itself; for a media or a folder, all logs in it. @throws PATH_NOT_FOUND */
export async function logsAt(place: string): Promise<string[]> {
  const resolved = path.resolve(place)
  const stats = await stat(resolved).catch((error) => {
    throw fromSystem(error, `Opening ${place}`, 'source')
  })
  if (!stats.isDirectory()) return [resolved]
  const folders = [path.join(resolved, RECEIPTS_FOLDER), resolved]
  for (const folder of folders) {
    const files = await logsIn(folder)
    if (files.length > 0) return files
  }
  const [other] = (await Promise.all(folders.map(logEntries))).flat()
  throw new ContainerImageError('PATH_NOT_FOUND', `There are no receipts in ${printable(place)}.`, {
    side: 'source',
    expected: `files that end in .jsonl, in it or in its folder ${RECEIPTS_FOLDER}`,
    found: other ? `${printable(other.name)}, which is ${kindInWords(other)}` : 'none',
  })
}

/** The logs in a folder; none if there is no folder. */
export async function logsIn(folder: string): Promise<string[]> {
  return (await logEntries(folder))
    .filter((entry) => entry.isFile())
    .map(({ name }) => path.join(folder, name))
}

/** Whether a name is that of a log. */
async function logEntries(folder: string): Promise<Dirent[]> {
  const entries = await listFolder(folder).catch(() => [])
  return entries.filter(({ name }) => name.endsWith('.jsonl') && !name.startsWith('.'))
}
