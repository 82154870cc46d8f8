import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Windows lets go of the folder of a process a moment after the process has ended: EBUSY until then. */
const PATIENTLY = { recursive: true, force: true, maxRetries: 30, retryDelay: 100 }

/** A new empty folder, removed with all in it after the test or the group that asked for it. */
export function scratch(): { folder(): string; remove(): void } {
  const made: string[] = []
  return {
    folder() {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-test-'))
      made.push(folder)
      return folder
    },
    remove() {
      for (const folder of made.splice(0)) rmSync(folder, PATIENTLY)
    },
  }
}
