import { readdirSync } from 'node:fs'
import type { RouteKind } from './route.js'

/** What a request was for, as distinguished in metrics. */
export type Counted = RouteKind | 'other'

interface RequestCount {
  route: Counted
  method: string
  status: number
  count: number
}

/** Any other method was made up by a client, and must not get a separate series. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts since the start, told in the text format of Prometheus (version 0.0.4). */
export class Metrics {
  bytesSent = 0
  connections = 0
  inFlight = 0
  verifiedRight = 0
  verifiedWrong = 0
  /** Requests that ended with an error here, or a connection that had to be broken. */
  failures = 0
  loginsRefused = 0
  logLinesDropped = 0
  private readonly requests = new Map<string, RequestCount>()

  get totalRequests(): number {
    return [...this.requests.values()].reduce((sum, { count }) => sum + count, 0)
  }

  count(route: Counted, method: string, status: number): void {
    const known = METHODS.has(method) ? method : 'other'
    const key = `${route} ${known} ${status}`
    const counted = this.requests.get(key) ?? { route, method: known, status, count: 0 }
    counted.count++
    this.requests.set(key, counted)
  }

  text(): string {
    const requests = [...this.requests.values()].map(
      ({ route, method, status, count }) =>
        [`{route="${route}",method="${method}",status="${status}"}`, count] as const,
    )
    const { rss, heapUsed } = process.memoryUsage()
    return [
      series('requests_total', 'counter', 'Requests that were answered.', requests),
      series('sent_bytes_total', 'counter', 'Bytes of bodies that were sent.', [['', this.bytesSent]]),
      series('connections', 'gauge', 'Connections that are open.', [['', this.connections]]),
      series('requests_in_flight', 'gauge', 'Requests that are being answered.', [['', this.inFlight]]),
      series('blob_verifications_total', 'counter', 'Blobs that were hashed.', [
        ['{result="right"}', this.verifiedRight],
        ['{result="wrong"}', this.verifiedWrong],
      ]),
      series('failures_total', 'counter', 'Requests that failed here.', [['', this.failures]]),
      series('logins_refused_total', 'counter', 'Requests with wrong credentials.', [
        ['', this.loginsRefused],
      ]),
      series('log_lines_dropped_total', 'counter', 'Lines that the access log could not take.', [
        ['', this.logLinesDropped],
      ]),
      series('resident_memory_bytes', 'gauge', 'Memory of the process.', [['', rss]]),
      series('heap_bytes', 'gauge', 'Memory of the heap that is in use.', [['', heapUsed]]),
      series('open_files', 'gauge', 'Files and connections that the process holds.', openFiles()),
    ].join('')
  }
}

function series(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  values: readonly (readonly [labels: string, value: number])[],
): string {
  const full = `containerimage_serve_${name}`
  const lines = values.map(([labels, value]) => `${full}${labels} ${value}\n`)
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`
}

/** Only Linux tells. */
function openFiles(): [string, number][] {
  if (process.platform !== 'linux') return []
  try {
    return [['', readdirSync('/proc/self/fd').length]]
  } catch {
    return []
  }
}
