import { once } from 'node:events'
import { fromSystem } from '../../io/files/system-errors.js'
import { startWorker } from '../../io/threads/start-worker.js'
import { bytesOffset, type MemberPlan } from '../in-place/member-plan.js'
import type { SealOrder, SealReply } from './seal-worker.js'

/**
 * Gives a volume its sum, on a thread of its own: SHA-256 over all before its last member.
 * @returns the SHA-256 of the whole file, in hex
 * @throws NO_SPACE and what the system refuses
 */
export async function sealVolume(path: string, plan: MemberPlan): Promise<string> {
  const last = plan.members.at(-1)
  if (!last) throw new Error('a volume has members')
  const order: SealOrder = { path, sumOf: last.offset, sumAt: bytesOffset(last), size: plan.size }
  const worker = startWorker('seal', order)
  try {
    const [reply] = (await once(worker, 'message')) as [SealReply]
    if ('sha256' in reply) return reply.sha256
    throw fromSystem(
      Object.assign(new Error(reply.message), { code: reply.code }),
      `Writing ${path}`,
      'destination',
    )
  } finally {
    await worker.terminate()
  }
}
