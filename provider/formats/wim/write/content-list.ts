import { Numbers } from './columns.js'
import type { WimContent } from './source.js'

/** The contents of all images, each with a number: that of its first place in the trees. */
export class ContentList {
  readonly contents: WimContent[] = []
  private reparse = new Map<string, WimContent>()

  /** The number of a content; -1 for none, and for an empty one. */
  add(content: WimContent | undefined): number {
    if (!content || content.size === 0) return -1
    const { number } = content
    // It may have a number from another list.
    if (number !== undefined && this.contents[number] === content) return number
    content.number = this.contents.push(content) - 1
    return content.number
  }

  /** A reparse buffer is written as a content like any other; equal ones are shared, as many links lead to one place. */
  addReparse(data: Uint8Array): number {
    if (data.length === 0) return -1
    const key = Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')
    let content = this.reparse.get(key)
    if (!content) {
      content = { size: data.length, open: () => once(data) }
      this.reparse.set(key, content)
    }
    return this.add(content)
  }

  /**
   * The numbers in the order in which the contents are to be read. Those that have no order of their own stay in that
   * of the tree. Nothing is added after this.
   */
  inOrder(): Uint32Array {
    this.reparse = new Map()
    const { contents } = this
    const orders = new Numbers()
    for (const { order } of contents) orders.push(order ?? 0)
    return Uint32Array.from(contents.keys()).sort((a, b) => orders.at(a) - orders.at(b) || a - b)
  }
}

async function* once(bytes: Uint8Array) {
  yield bytes
}
