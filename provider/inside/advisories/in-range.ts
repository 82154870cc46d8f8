import type { VersionOrder } from '../versions/orders.js'
import type { VersionRange } from './advisory.js'

/** Whether a version is in a range. */
export function isInRange(version: string, { introduced, end }: VersionRange, order: VersionOrder): boolean {
  if (introduced !== undefined && order(version, introduced) < 0) return false
  if (!end) return true
  const difference = order(version, end.version)
  return end.kind === 'last' ? difference <= 0 : difference < 0
}
