import path from 'node:path'
import {
  ContainerImageError,
  type Digest,
  formatPlatform,
  printable,
  type Receipt,
} from '../../../manifests/index.js'
import { imagesIn } from '../../choice/archive-images.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { RECEIPTS_FOLDER } from '../../receipts/log.js'
import { type Context, inContext } from '../../session/context.js'
import { openOptions } from '../../targets/open-options.js'
import { rootChoice } from '../../targets/targets.js'
import { trustedLogs } from '../../trust/taking/trusted-logs.js'
import { logsAt, logsIn } from '../receipts/receipts.js'
import type { HostStatus, MediaStatus, MediaStatusRequest } from './request.js'

type SentImage = MediaStatus['images'][number]

/**
 * Compares what was sent with the receipts that came back, host by host. Images that no receipt names have
 * not been delivered, and if keys are trusted, only receipts signed by them count.
 * @throws RECEIPT_INVALID, also if two logs of one store disagree; SIGNATURE_MISSING, SIGNATURE_INVALID,
 * SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function mediaStatus(request: MediaStatusRequest): Promise<MediaStatus> {
  return await inContext(request, async (context) => {
    const images = await sentImages(context, request.path)
    const files = await logsIn(path.join(path.resolve(request.path), RECEIPTS_FOLDER))
    for (const place of request.receipts ?? []) files.push(...(await logsAt(place)))
    const logs = new Map<string, Receipt[]>()
    for (const { path: file, receipts } of await trustedLogs(context, [...new Set(files)]))
      keepLonger(logs, receipts, file)
    return { images, hosts: [...logs.values()].map((log) => statusOf(log, images)) }
  })
}

async function sentImages(context: Context, place: string): Promise<SentImage[]> {
  const collection = await openPath(path.resolve(place), await openOptions(context, {}))
  return await closing(collection, async () => {
    const images = await imagesIn(collection, {}, { ...(await rootChoice({})), allPlatforms: true })
    return images.map(({ name, version, platform, root }) => ({
      name,
      version,
      platform: formatPlatform(platform),
      digest: root.digest,
    }))
  })
}

/**
 * Of two logs of one store, one must be the beginning of the other; otherwise one of them was cut or changed.
 */
function keepLonger(logs: Map<string, Receipt[]>, log: Receipt[], file: string): void {
  const store = log[0]?.store
  if (store === undefined) return
  const known = logs.get(store) ?? []
  const [shorter, longer] = known.length < log.length ? [known, log] : [log, known]
  const at = shorter.findIndex((receipt, i) => receipt.sum !== longer[i]?.sum)
  if (at >= 0)
    throw new ContainerImageError(
      'RECEIPT_INVALID',
      `Two logs of the store ${printable(store)} do not agree.`,
      {
        side: 'source',
        expected: `the same receipt ${at + 1} in both`,
        found: `another one in ${printable(file)}`,
      },
    )
  logs.set(store, longer)
}

function statusOf(log: Receipt[], images: SentImage[]): HostStatus {
  const last = log.at(-1)
  const states = statesIn(log)
  return {
    store: last?.store ?? '',
    host: last?.host,
    last: last?.time ?? '',
    images: images.map(({ name, version, digest }) => ({
      name,
      version,
      digest,
      ...(states.get(digest) ?? { state: 'not yet' }),
    })),
  }
}

type DeliveryState = Pick<HostStatus['images'][number], 'state' | 'time'>

/**
 * What happened to each image in a log. A later receipt overrides an earlier one, but what was once delivered
 * stays delivered.
 */
function statesIn(log: Receipt[]): Map<Digest, DeliveryState> {
  const states = new Map<Digest, DeliveryState>()
  for (const { time, images } of log)
    for (const { digest, outcome } of images)
      if (states.get(digest)?.state !== 'delivered')
        states.set(digest, { state: outcome === 'refused' ? 'refused' : 'delivered', time })
  return states
}
