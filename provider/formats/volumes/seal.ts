import { impossible } from '../../../manifests/index.js'
import { Pool } from '../../io/threads/pool.js'
import { bytesOffset, type MemberPlan } from '../in-place/member-plan.js'
import type { SealOrder } from './seal-worker.js'

/**
 * Gives a volume its sum, on a thread of its own: SHA-256 over everything before its last member.
 * @returns the SHA-256 of the whole file, in hex
 * @throws NO_SPACE and the errors of the system
 */
export async function sealVolume(path: string, plan: MemberPlan): Promise<string> {
  const last = plan.members.at(-1)
  if (!last) impossible('A volume has members.')
  const order: SealOrder = { path, sumOf: last.offset, sumAt: bytesOffset(last), size: plan.size }
  const pool = new Pool('seal', { size: 1 })
  try {
    return await pool.run<string>(order)
  } finally {
    await pool.close()
  }
}
