import type { ServerResponse } from 'node:http'
import { HEADERS } from './headers.js'
import type { Jobs } from './jobs.js'

/** A page that is slower than this misses mere progress; one that does not read at all is disconnected. */
const SLOW_BYTES = 256 * 1024
const STUCK_BYTES = 4 * 1024 * 1024
/** Comments keep intermediaries from closing a silent connection. */
const COMMENT_MS = 15_000

/**
 * What happens to a job, as server-sent events (HTML standard, "Server-sent events").
 * @returns whether there is such a job
 */
export function sendEvents(jobs: Jobs, id: string, response: ServerResponse): boolean {
  if (!jobs.list().some((job) => job.id === id)) return false
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  const comments = setInterval(() => response.write(':\n\n'), COMMENT_MS)
  const stop = jobs.watch(id, (line, isLast) => {
    if (response.writableLength > STUCK_BYTES) response.destroy()
    else if (isLast || response.writableLength < SLOW_BYTES) response.write(`data: ${line}\n\n`)
    if (isLast) response.end()
  })
  response.once('close', () => {
    clearInterval(comments)
    stop?.()
  })
  return true
}
