import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { peer } from './peers.js'

export interface RegistryTls {
  certificate: string
  key: string
  /** Only who shows this certificate, which is its own authority, is let in. */
  client?: { certificate: string; key: string }
}

export interface DockerRegistryOptions {
  /** Lines of an htpasswd file (bcrypt only); without it everybody may read and write. */
  htpasswd?: string
  /** PEM files; without them plain http is spoken. */
  tls?: RegistryTls
  /** Another registry that it fetches from what it does not have. */
  proxied?: string
  /** Manifests and blobs may be deleted. */
  delete?: boolean
  /** Nothing may be pushed. */
  readOnly?: boolean
  /** Where the temporary folder is made; `os.tmpdir()` where left out. */
  parent?: string
}

export interface DockerRegistry {
  /** host:port */
  host: string
  /** Where it keeps its blobs. */
  folder: string
  pid: number
  /** Ends it as a loss of power would. */
  kill(): Promise<void>
  /** Starts it again after that, with what it has and under the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts a real docker-registry on a free port of this machine, with an empty storage. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const home = mkdtempSync(path.join(options.parent ?? os.tmpdir(), 'containerimage-registry-'))
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = launch(home, port, options)
    if (await answers(port, child, options.tls)) return running(child, port, home, options)
    await ended(child)
    if (attempt === 5) {
      rmSync(home, { recursive: true, force: true })
      throw new Error('docker-registry does not start')
    }
  }
}

function launch(home: string, port: number, options: DockerRegistryOptions): ChildProcess {
  const program = peer('docker-registry')
  if (!program) throw new Error('docker-registry is not on the PATH')
  const file = path.join(home, 'config.yml')
  writeFileSync(file, configuration(home, port, options))
  // OTEL and others are read from the environment; a clean one keeps the run the same everywhere.
  return spawn(program, ['serve', file], { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: home } })
}

function configuration(home: string, port: number, options: DockerRegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: {level: error, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${JSON.stringify(path.join(home, 'data'))}}, ` +
      `delete: {enabled: ${options.delete === true}}` +
      `${options.readOnly ? ', maintenance: {readonly: {enabled: true}}' : ''}}`,
    'http:',
    `  addr: 127.0.0.1:${port}`,
  ]
  if (options.tls) {
    const { certificate, key, client } = options.tls
    const clients = client ? `, clientcas: [${JSON.stringify(client.certificate)}]` : ''
    lines.push(`  tls: {certificate: ${JSON.stringify(certificate)}, key: ${JSON.stringify(key)}${clients}}`)
  }
  if (options.proxied) lines.push(`proxy: {remoteurl: ${JSON.stringify(options.proxied)}}`)
  if (options.htpasswd !== undefined) {
    const file = path.join(home, 'htpasswd')
    writeFileSync(file, options.htpasswd)
    lines.push(`auth: {htpasswd: {realm: test, path: ${JSON.stringify(file)}}}`)
  }
  return `${lines.join('\n')}\n`
}

function running(
  first: ChildProcess,
  port: number,
  home: string,
  options: DockerRegistryOptions,
): DockerRegistry {
  let child = first
  return {
    host: `127.0.0.1:${port}`,
    folder: path.join(home, 'data'),
    pid: child.pid ?? 0,
    kill: () => ended(child),
    async restart() {
      child = launch(home, port, options)
      if (!(await answers(port, child, options.tls))) throw new Error('docker-registry does not start again')
    },
    async stop() {
      await ended(child)
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Waits until /v2/ is answered; false where the program ended, as it does when the port was taken. */
async function answers(port: number, child: ChildProcess, tls: RegistryTls | undefined): Promise<boolean> {
  for (let i = 0; i < 400 && child.exitCode === null && child.signalCode === null; i++) {
    if (await answersOnce(port, tls)) return child.exitCode === null
    await sleep(25)
  }
  return false
}

function answersOnce(port: number, tls: RegistryTls | undefined): Promise<boolean> {
  const own = tls?.client && {
    cert: readFileSync(tls.client.certificate),
    key: readFileSync(tls.client.key),
  }
  return new Promise((resolve) => {
    const take = (response: http.IncomingMessage) => {
      response.resume()
      resolve(response.headers['docker-distribution-api-version'] !== undefined)
    }
    const request = tls
      ? https.get(
          { host: '127.0.0.1', port, path: '/v2/', rejectUnauthorized: false, agent: false, ...own },
          take,
        )
      : http.get({ host: '127.0.0.1', port, path: '/v2/', agent: false }, take)
    request.once('error', () => resolve(false))
  })
}
