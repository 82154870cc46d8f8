/** A stick, disk or share that is there now. */
export interface RemovableFolder {
  /** Where it is mounted: `/media/user/STICK`, `E:\`. */
  path: string
  /** Bytes that may still be written; left out where the system does not say. */
  freeBytes?: number
  /** Bytes that it holds when empty; left out where the system does not say. */
  totalBytes?: number
}
