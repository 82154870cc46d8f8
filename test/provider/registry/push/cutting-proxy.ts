import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands before a registry on the level of connections, counts what is sent to it, and cuts when told. */
export interface CuttingProxy {
  host: string
  /** Bytes that went to the registry, heads of requests included. May be set back. */
  sent: number
  /** Called once, when so many bytes were sent; every connection is cut then. */
  cut: { after: number; whenCut(): void } | undefined
  stop(): Promise<void>
}

export async function startCuttingProxy(registry: string): Promise<CuttingProxy> {
  const [host, port] = registry.split(':')
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const onward = connect(Number(port), host)
    for (const socket of [client, onward]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        onward.destroy()
      })
    }
    client.on('data', (chunk: Buffer) => {
      proxy.sent += chunk.length
      if (!onward.write(chunk)) client.pause()
      const { cut } = proxy
      if (!cut || proxy.sent < cut.after) return
      proxy.cut = undefined
      for (const socket of open) socket.destroy()
      cut.whenCut()
    })
    onward.on('drain', () => client.resume())
    onward.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: CuttingProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: 0,
    cut: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
  return proxy
}
