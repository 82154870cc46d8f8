import type { ChildProcess } from 'node:child_process'
import http from 'node:http'
import https from 'node:https'
import { Duplex, type Readable, type Writable } from 'node:stream'
import { ContainerImageError, option } from '../../../manifests/index.js'
import { startProgram } from '../../io/programs/start-program.js'
import type { DockerAddress } from './address.js'

/** Begins a request to the daemon at an address. */
export type Begin = (options: {
  method: string
  path: string
  headers?: http.OutgoingHttpHeaders
  signal?: AbortSignal
}) => http.ClientRequest

/** A way to make requests, and to close its connections. */
export interface Connection {
  begin: Begin
  close(): void
}

/** Connections are kept for the next request: an engine with many images is asked about each of them. */
export function connectionTo(address: DockerAddress): Connection {
  if (address.kind === 'tcp' && address.tls) {
    const { host, port, tls } = address
    const agent = new https.Agent({ keepAlive: true, ...tls })
    return {
      begin: (options) => https.request({ ...options, host, port, agent }),
      close: () => agent.destroy(),
    }
  }
  const agent = new http.Agent({ keepAlive: true })
  const close = (): void => agent.destroy()
  if (address.kind === 'socket') {
    const { socketPath } = address
    return { begin: (options) => http.request({ ...options, socketPath, agent }), close }
  }
  if (address.kind === 'tcp') {
    const { host, port } = address
    return { begin: (options) => http.request({ ...options, host, port, agent }), close }
  }
  return {
    begin: (options) => http.request({ ...options, host: 'docker', createConnection: () => dial(address) }),
    close,
  }
}

/** As docker's client does it: docker on the other machine connects the ssh connection with its socket. */
function dial({ destination, port }: DockerAddress & { kind: 'ssh' }): Duplex {
  const options = port === undefined ? [] : ['-p', port]
  const child = ssh([...options, '--', destination, 'docker', 'system', 'dial-stdio'])
  const stream = Duplex.from({ readable: child.stdout as Readable, writable: child.stdin as Writable })
  child.on('error', (error) => stream.destroy(error))
  stream.on('close', () => child.kill())
  return stream
}

/** @throws ENGINE_UNREACHABLE */
function ssh(args: string[]): ChildProcess {
  try {
    return startProgram('ssh', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  } catch (cause) {
    throw new ContainerImageError(
      'ENGINE_UNREACHABLE',
      'docker is to be reached with ssh, which is not here.',
      {
        side: 'destination',
        expected: 'ssh in a folder that the PATH names in full',
        found: 'nothing',
        remedy: `Install ssh, or name another address with ${option('engineAddress')}.`,
        cause,
      },
    )
  }
}
