import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeLayout } from '../../test/fixtures/layout.js'
import { startDockerRegistry } from '../../test/peers/docker-registry.js'

/**
 * Counts the requests to a docker-registry on this machine, alongside skopeo: the same work by each of them, through a
 * proxy that counts. Nothing is timed. It ends with 1 if we request more manifests than skopeo.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))

interface Counts {
  requests: number
  /** GETs of manifests: what Docker Hub counts. */
  manifests: number
}

interface Row {
  what: string
  ours: string[]
  theirs: string[]
}

export async function run(): Promise<void> {
  const place = mkdtempSync(path.join(os.tmpdir(), 'containerimage-bench-'))
  const registry = await startDockerRegistry({ parent: place })
  const proxy = await countingRegistry(registry.host)
  try {
    await prepare(place, registry.host)
    console.log('| | ours: requests | manifests | skopeo: requests | manifests |')
    console.log('| --- | --- | --- | --- | --- |')
    for (const row of rowsAt(place, proxy.host)) {
      const ours = await counted(proxy, place, [process.execPath, program, ...row.ours, '--quiet'])
      const theirs = await counted(proxy, place, ['skopeo', ...row.theirs])
      console.log(
        `| ${row.what} | ${ours.requests} | ${ours.manifests} | ${theirs.requests} | ${theirs.manifests} |`,
      )
      if (ours.manifests > theirs.manifests) process.exitCode = 1
    }
  } finally {
    proxy.stop()
    await registry.stop()
    rmSync(place, { recursive: true, force: true })
  }
}

/** An image for two platforms, with three layers each. */
async function prepare(place: string, host: string): Promise<void> {
  for (const architecture of ['amd64', 'arm64']) {
    const folder = path.join(place, architecture)
    makeLayout(folder, [
      {
        refName: 'app:1.0',
        platform: { os: 'linux', architecture },
        config: { architecture, os: 'linux' },
        layers: ['a', 'b', 'c'].map((name) => ({ files: { [name]: 20_000 } })),
      },
    ])
    await done(place, [process.execPath, program, 'copy', folder, `${host}/app:${architecture}`, '--quiet'])
  }
  await done(place, [
    process.execPath,
    program,
    'copy',
    `${host}/app:amd64`,
    `${host}/app:1.0`,
    '--no-referrers',
    '--quiet',
  ])
}

function rowsAt(place: string, at: string): Row[] {
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false']
  const pull = ['pull', `${at}/app:1.0`, '--no-referrers']
  const toFolder = ['copy', ...plain, `docker://${at}/app:1.0`, `oci:${path.join(place, 'theirs')}:app`]
  const copy = (to: string): string[] => ['copy', `${at}/app:1.0`, `${at}/${to}:1.0`, '--no-referrers']
  const theirCopy = (to: string): string[] => [
    'copy',
    ...plain,
    `docker://${at}/app:1.0`,
    `docker://${at}/${to}:1.0`,
  ]
  return [
    { what: 'one image into a store or a layout', ours: pull, theirs: toFolder },
    { what: 'the same again, nothing changed', ours: pull, theirs: toFolder },
    {
      what: 'the same with what refers to it',
      ours: ['pull', `${at}/app:1.0`],
      theirs: toFolder,
    },
    { what: 'one image to another repository', ours: copy('ours'), theirs: theirCopy('theirs') },
    { what: 'the same again, nothing changed', ours: copy('ours'), theirs: theirCopy('theirs') },
    {
      what: 'a look at an image',
      ours: ['inspect', '--remote', `${at}/app:arm64`, '--platform', 'linux/arm64', '--no-referrers'],
      theirs: ['inspect', '--no-tags', '--tls-verify=false', `docker://${at}/app:arm64`],
    },
    {
      what: 'the tags of a repository',
      ours: ['tags', `${at}/app`],
      theirs: ['list-tags', '--tls-verify=false', `docker://${at}/app`],
    },
  ]
}

interface CountingRegistry {
  host: string
  seen: string[]
  stop(): void
}

/** Passes everything on, under the name by which it is addressed. */
async function countingRegistry(target: string): Promise<CountingRegistry> {
  const seen: string[] = []
  const [hostname = '', port = ''] = target.split(':')
  const server = http.createServer((request, response) => {
    const { method = '', url = '', headers } = request
    seen.push(`${method} ${url}`)
    const onward = http.request({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    seen,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function counted(proxy: CountingRegistry, place: string, words: string[]): Promise<Counts> {
  proxy.seen.length = 0
  await done(place, words)
  return {
    requests: proxy.seen.length,
    manifests: proxy.seen.filter((line) => line.startsWith('GET') && line.includes('/manifests/')).length,
  }
}

/** Does not block this process: the proxy has to answer in the meantime. */
async function done(place: string, [command = '', ...args]: string[]): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    XDG_DATA_HOME: path.join(place, 'data'),
    CONTAINERIMAGE_STORE: path.join(place, 'store'),
    CONTAINERIMAGE_CONFIG_DIR: path.join(place, 'settings'),
  }
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
}
