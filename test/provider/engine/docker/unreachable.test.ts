import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import type { ContainerImageError } from '../../../../manifests/index.js'
import { connectionError } from '../../../../provider/engine/docker/answers.js'
import { openEngine } from '../../../../provider/engine/open-engine.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure } from '../../conformance.js'

const VERSION = { Version: '27.0.0', ApiVersion: '1.46', Arch: 'amd64' }

const isWindows = process.platform === 'win32'

describe('docker that does not answer as docker', () => {
  const temporary = scratch()
  const servers: { close(): void }[] = []

  after(() => {
    for (const server of servers) server.close()
    temporary.remove()
  })

  /** A socket; on Windows a pipe. */
  const place = (): string =>
    isWindows ? `\\\\.\\pipe\\${randomUUID()}` : path.join(temporary.folder(), 'docker.sock')
  const opening = (address: string) => failure(async () => void (await openEngine('docker', { address })))

  /** Something that answers each path with a text. */
  async function answering(answers: Record<string, string>, status = 200): Promise<string> {
    const server: Server = createServer((request, response) => {
      const found = Object.keys(answers).find((one) => request.url?.split('?')[0]?.endsWith(one))
      response.writeHead(found === undefined ? 404 : status)
      response.end(found === undefined ? '{"message":"page not found"}' : answers[found])
    })
    const socket = place()
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    servers.push(server)
    return socket
  }

  it('says that there is no socket, and how to start it', async () => {
    const error = await opening(path.join(temporary.folder(), 'none.sock'))
    expectError(error, 'ENGINE_UNREACHABLE', 'destination')
    expect(error.message).to.contain('there is no such socket')
  })

  it('says what to do where this user may not connect', () => {
    const denied = Object.assign(new Error('connect EACCES'), { code: 'EACCES' })
    const error = connectionError(denied, 'docker') as ContainerImageError
    expectError(error, 'ENGINE_UNREACHABLE', 'destination')
    expect(error.remedy).to.contain('group docker')
  })

  // A pipe goes with its program.
  const itWithSockets = isWindows ? it.skip : it
  itWithSockets('says that nothing listens behind a socket that was left', async () => {
    const socket = place()
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    const error = await opening(socket)
    expectError(error, 'ENGINE_UNREACHABLE', 'destination')
    expect(error.message).to.contain('nothing listens there')
  })

  it('knows a page that is not JSON, another program, and another protocol', async () => {
    const pages = [
      await answering({ '/version': '<html>' }),
      await answering({ '/version': '{"hello":1}' }),
      await answering({ '/version': 'null' }),
    ]
    const raw = createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'))
    const socket = place()
    await new Promise<void>((resolve) => raw.listen(socket, resolve))
    servers.push(raw)
    for (const address of [...pages, socket])
      expectError(await opening(address), 'ENGINE_REFUSED', 'destination')
  })

  it('tells what the engine says where it refuses', async () => {
    const error = await opening(await answering({ '/version': '{"message":"not today"}' }, 503))
    expectError(error, 'ENGINE_REFUSED', 'destination')
    expect(error.message).to.contain('not today')
  })

  it('believes no list that is none, and no image without an id', async () => {
    for (const list of ['{}', '[{"Id":"x"}]', '[null]']) {
      const address = await answering({
        '/version': JSON.stringify(VERSION),
        '/info': '{"OSType":"linux"}',
        '/images/json': list,
      })
      const engine = await openEngine('docker', { address })
      expectError(await failure(() => engine.images()), 'ENGINE_REFUSED', 'destination')
      await engine.close()
    }
  })

  it('reads the build of Windows from the kernel', async () => {
    const kernel = '10.0 20348 (20348.1.amd64fre.fe_release.210507-1500)'
    const address = await answering({
      '/version': JSON.stringify({ ...VERSION, KernelVersion: kernel }),
      '/info': '{"OSType":"windows"}',
    })
    const engine = await openEngine('docker', { address })
    expect(engine.platform).to.deep.equal({
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.20348',
    })
    await engine.close()
  })
})
