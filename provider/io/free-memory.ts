import { MessageChannel, type MessagePort } from 'node:worker_threads'

let nowhere: MessagePort | undefined

/**
 * Frees the memory of bytes that are needed no more, and that have it for themselves. What is posted to a port that is
 * closed is gone at once; without that it is gone only when garbage is collected, and so much garbage keeps the
 * collector busy.
 */
export function freeMemory({ buffer }: Uint8Array): void {
  if (!nowhere) {
    nowhere = new MessageChannel().port1
    nowhere.close()
  }
  nowhere.postMessage(undefined, [buffer as ArrayBuffer])
}
