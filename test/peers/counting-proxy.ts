import { connect, createServer, type Server, type Socket } from 'node:net'

/** A socket that hands everything on to another one, and counts what goes there. */
export interface CountingProxy {
  readonly path: string
  /** Bytes that went to the other one. */
  sent: number
  /** Told each time that bytes have gone there. */
  onBytes?: (sent: number) => void
  close(): Promise<void>
}

export async function countingProxy(path: string, target: string): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const engine = connect(target)
    for (const socket of [client, engine]) {
      sockets.add(socket)
      socket.on('error', () => {
        client.destroy()
        engine.destroy()
      })
    }
    client.on('data', (chunk) => {
      proxy.sent += chunk.length
      proxy.onBytes?.(proxy.sent)
    })
    client.pipe(engine)
    engine.pipe(client)
  })
  const proxy: CountingProxy = {
    path,
    sent: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return proxy
}
