import { ContainerImageError, impossible } from '../../../../manifests/index.js'
import type { WimContent } from './source.js'

/** Puts all of a content's bytes to their place. */
export async function fillWith(target: Buffer, at: number, content: WimContent): Promise<void> {
  const reader = new RunReader(content)
  try {
    await reader.fill(target.subarray(at, at + content.size))
    await reader.end()
  } finally {
    await reader.close()
  }
}

/** Reads a content that lies nowhere in one piece, a run at a time. */
export class RunReader {
  private readonly iterator: AsyncIterator<Uint8Array>
  private held: Uint8Array = new Uint8Array(0)
  private done = 0

  constructor(private readonly content: WimContent) {
    if (!content.open) impossible('A content has neither a range nor a way to open it.')
    this.iterator = content.open()[Symbol.asyncIterator]()
  }

  async fill(target: Buffer): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      if (this.held.length === 0 && !(await this.more())) throw this.wrongSize('fewer')
      const part = this.held.subarray(0, target.length - filled)
      target.set(part, filled)
      filled += part.length
      this.done += part.length
      this.held = this.held.subarray(part.length)
    }
  }

  /** @throws SIZE_MISMATCH where there is more than the content's size */
  async end(): Promise<void> {
    if (this.held.length > 0 || (await this.more())) throw this.wrongSize('more')
  }

  async close(): Promise<void> {
    await this.iterator.return?.()
  }

  private async more(): Promise<boolean> {
    while (this.held.length === 0) {
      const { done, value } = await this.iterator.next()
      if (done) return false
      this.held = value
    }
    return true
  }

  private wrongSize(found: string): ContainerImageError {
    return new ContainerImageError('SIZE_MISMATCH', `A file has ${found} bytes than its size says.`, {
      side: 'source',
      expected: `${this.content.size} bytes`,
      found: found === 'fewer' ? `${this.done} bytes` : 'more',
    })
  }
}
