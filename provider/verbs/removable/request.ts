/** A stick, disk or share that is there now. */
export interface RemovableFolder {
  /** Where it is mounted: `/media/user/STICK`, `E:\`. */
  path: string
  /** Bytes that can still be written; left out if the system does not say. */
  freeBytes?: number
  /** Its capacity in bytes; left out if the system does not say. */
  totalBytes?: number
}
