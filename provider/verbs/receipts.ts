import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, printable } from '../../manifests/index.js'
import { inContext } from '../context/context.js'
import { fromSystem } from '../files/system-errors.js'
import { RECEIPTS_FOLDER, readLog, storeLog } from '../receipts/log.js'
import type { ReceiptLog, ReceiptRequest } from '../requests.js'

/**
 * Reads logs of receipts and checks their chains: the store's own, files, or all that lie on a media.
 * @throws RECEIPT_INVALID with every line that is not as it was written, PATH_NOT_FOUND
 */
export async function readReceipts(request: ReceiptRequest = {}): Promise<ReceiptLog[]> {
  return await inContext(request, async (context) => {
    const paths = request.paths ?? []
    if (paths.length === 0) {
      const { places } = await context.store()
      return [{ path: places.root, receipts: await storeLog(places) }]
    }
    const logs: ReceiptLog[] = []
    for (const place of paths)
      for (const file of await logsAt(place)) logs.push({ path: file, receipts: await readLog(file) })
    return logs
  })
}

/** A file itself; of a media or a folder all logs in it. @throws PATH_NOT_FOUND */
export async function logsAt(place: string): Promise<string[]> {
  const resolved = path.resolve(place)
  const stats = await stat(resolved).catch((error) => {
    throw fromSystem(error, `Opening ${place}`, 'source')
  })
  if (!stats.isDirectory()) return [resolved]
  const found = await logsIn(path.join(resolved, RECEIPTS_FOLDER))
  const files = found.length > 0 ? found : await logsIn(resolved)
  if (files.length > 0) return files
  throw new ContainerImageError('PATH_NOT_FOUND', `There are no receipts in ${printable(place)}.`, {
    side: 'source',
    expected: `files that end in .jsonl, in it or in its folder ${RECEIPTS_FOLDER}`,
    found: 'none',
  })
}

/** The logs in a folder; none where there is no folder. */
export async function logsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl') && !entry.name.startsWith('.'))
    .map(({ name }) => path.join(folder, name))
    .sort()
}
