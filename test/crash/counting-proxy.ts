import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** One request for a blob that went through. */
export interface BlobRequest {
  digest: string
  /** The first byte that was asked for. */
  from: number
}

/** Stands before a registry, slows it down, and remembers which blobs are asked for. */
export interface CountingProxy {
  host: string
  requests: BlobRequest[]
  stop(): Promise<void>
}

/** @param perSecond bytes of each answer that go through in a second */
export async function startCountingProxy(registry: string, perSecond: number): Promise<CountingProxy> {
  const requests: BlobRequest[] = []
  const server = http.createServer((request, response) => {
    const blob = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(request.url ?? '')
    if (blob?.[1] && request.method === 'GET')
      requests.push({
        digest: blob[1],
        from: Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0),
      })
    forward(registry, request, response, perSecond)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function forward(
  registry: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  perSecond: number,
): void {
  const [host, port] = registry.split(':')
  const onward = http.request(
    {
      host,
      port,
      path: request.url,
      method: request.method,
      headers: { ...request.headers, host: registry },
    },
    async (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      try {
        for await (const chunk of answer as AsyncIterable<Buffer>) {
          if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve))
          await sleep((chunk.length / perSecond) * 1000)
        }
      } catch {
        // The reader was killed, which is what this is for.
      }
      response.end()
    },
  )
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  onward.end()
}
