import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ContainerImageError } from '../../../manifests/index.js'
import type { ReceivedFile } from '../../../provider/index.js'
import { NAME_HEADER, UPLOADED, type Uploaded } from '../protocol/actions.js'

/** How many there may be at once; each may be as large as the disk. */
const MOST = 4

/** Files that were dropped on the page, in private folders until the window is closed. */
export class Uploads {
  private readonly files = new Map<string, ReceivedFile>()
  private arriving = 0

  /**
   * Keeps the body of a request.
   * @throws USAGE if there are too many; NO_SPACE
   */
  async receive(request: IncomingMessage, patienceMs: number, signal: AbortSignal): Promise<Uploaded> {
    if (this.files.size + this.arriving >= MOST)
      throw new ContainerImageError('USAGE', `A window keeps ${MOST} dropped files at most.`, {
        remedy: 'Discard one of them first.',
      })
    // If nothing arrives for this long, the page is gone.
    request.socket.setTimeout(patienceMs, () => request.destroy())
    this.arriving++
    try {
      const { receiveFile } = await import('../../../provider/index.js')
      const file = await receiveFile(nameOf(request), request, { signal })
      const path = `${UPLOADED}${randomUUID()}`
      this.files.set(path, file)
      return { path, size: file.size }
    } finally {
      this.arriving--
      request.socket.setTimeout(0)
    }
  }

  /**
   * The path that a text means: that of a dropped file, or the text itself.
   * @throws PATH_NOT_FOUND
   */
  pathOf(text: string): string {
    if (!text.startsWith(UPLOADED)) return text
    const file = this.files.get(text)
    if (file) return file.path
    throw new ContainerImageError('PATH_NOT_FOUND', 'The dropped file is not here any more.', {
      remedy: 'Drop it again.',
    })
  }

  async discard(text: string): Promise<void> {
    const file = this.files.get(text)
    this.files.delete(text)
    await file?.remove()
  }

  async discardAll(): Promise<void> {
    await Promise.all([...this.files.keys()].map((text) => this.discard(text)))
  }
}

/** Whatever the name is, only a plain one becomes the name of a file. */
function nameOf(request: IncomingMessage): string {
  try {
    return decodeURIComponent(String(request.headers[NAME_HEADER] ?? ''))
  } catch {
    return ''
  }
}
