import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry behind a gate, which can hold large answers in the middle. */
export interface HeldRegistry {
  /** host:port */
  host: string
  /** From now on answers stop after so many bytes. */
  hold(bytes: number): void
  /** Resolves when one has stopped. */
  stopped(): Promise<void>
  /** From now on answers go through; what was held is cut off. */
  release(): void
  stop(): Promise<void>
}

export async function heldRegistry(target: string): Promise<HeldRegistry> {
  let most = Number.POSITIVE_INFINITY
  let tell: () => void = () => {}
  let isStopped = new Promise<void>(() => {})
  const held = new Set<http.ServerResponse>()
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/' } = request
    const upstream = http.request(
      `http://${target}${url}`,
      { method, headers: { ...request.headers, host: target } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        let sent = 0
        answer.on('data', (chunk: Buffer) => {
          if (sent >= most) return
          sent += chunk.length
          response.write(chunk)
          if (sent < most) return
          held.add(response)
          tell()
        })
        answer.on('end', () => {
          if (!held.has(response)) response.end()
        })
      },
    )
    upstream.on('error', () => response.destroy())
    request.pipe(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(bytes) {
      most = bytes
      isStopped = new Promise((resolve) => {
        tell = resolve
      })
    },
    stopped: () => isStopped,
    release() {
      most = Number.POSITIVE_INFINITY
      for (const response of held) response.destroy()
      held.clear()
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
