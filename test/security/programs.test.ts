import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { ask } from '../../provider/engine/client/program.js'
import { findCtr } from '../../provider/engine/containerd/ctr.js'
import { openEngine } from '../../provider/engine/open-engine.js'
import { pull } from '../../provider/index.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'
import { sourceFiles } from '../source-files.js'

/** The only folder whose files start programs. */
const STARTING = 'provider/io/programs/'

describe('a program of the current folder (CVE-2020-27955, CVE-2021-3115)', () => {
  const temporary = scratch()
  const { cwd, env } = { cwd: process.cwd(), env: { ...process.env } }
  let stick: string
  let ran: string

  /** A stick that one is in, with programs of every name that is started. */
  beforeEach(function () {
    if (process.platform === 'win32') this.skip()
    stick = temporary.folder()
    ran = path.join(temporary.folder(), 'ran')
    for (const folder of [stick, path.join(stick, 'bin')]) {
      mkdirSync(folder, { recursive: true })
      for (const name of [
        'docker-credential-planted',
        'ssh',
        'podman',
        'ctr',
        'k3s',
        '7zzs',
        '7z',
        'docker',
      ]) {
        writeFileSync(path.join(folder, name), `#!/bin/sh\necho "$0 $*" >> "${ran}"\n`)
        chmodSync(path.join(folder, name), 0o755)
      }
    }
    process.chdir(stick)
  })
  afterEach(() => {
    process.chdir(cwd)
    for (const name of ['PATH', 'DOCKER_CONFIG']) {
      if (env[name] === undefined) delete process.env[name]
      else process.env[name] = env[name]
    }
    temporary.remove()
  })

  function nothingRan(): void {
    expect(existsSync(ran)).to.equal(false)
  }

  const empty = '/containerimage-none'
  const paths = [
    `:${empty}`,
    `${empty}:`,
    `${empty}::${empty}`,
    `.:${empty}`,
    `./:bin:${empty}`,
    `${empty}:./bin`,
    '',
  ]
  for (const PATH of paths) {
    it(`is not run as a credential helper with the PATH ${JSON.stringify(PATH)}`, async () => {
      const config = temporary.folder()
      writeFileSync(path.join(config, 'config.json'), '{"credsStore":"planted"}')
      const server = http.createServer((_request, response) => {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      Object.assign(process.env, { PATH, DOCKER_CONFIG: config })
      const name = `127.0.0.1:${(server.address() as AddressInfo).port}/x:1`
      await failure(pull({ references: [name], store: temporary.folder() }), 'UNAUTHORIZED')
      server.close()
      nothingRan()
    })

    it(`is not run as ssh with the PATH ${JSON.stringify(PATH)}`, async () => {
      process.env.PATH = PATH
      const error = await failure(openEngine('docker', { address: 'ssh://user@host' }), 'ENGINE_UNREACHABLE')
      expect(error.remedy).to.contain('ssh')
      nothingRan()
    })

    it(`is not run as the client of an engine with the PATH ${JSON.stringify(PATH)}`, async () => {
      for (const kind of ['podman', 'containerd'] as const)
        await failure(openEngine(kind, { environment: { PATH } }), 'ENGINE_UNREACHABLE')
      nothingRan()
    })
  }

  for (const named of ['./ctr', 'bin/ctr', '../ctr', './k3s ctr', 'k3s ctr', 'ctr'])
    it(`is not run as the client that is named ${named}`, async () => {
      const ctr = findCtr({ environment: { CONTAINERIMAGE_CTR: named, PATH: empty } })
      await failure(ask(ctr, ['version']), 'ENGINE_UNREACHABLE')
      const environment = { CONTAINERIMAGE_PODMAN: named.replaceAll('ctr', 'podman'), PATH: `.:${empty}` }
      await failure(openEngine('podman', { environment }), 'ENGINE_UNREACHABLE')
      nothingRan()
    })

  it('would have been run: the trap works', async () => {
    const environment = { CONTAINERIMAGE_CTR: path.join(stick, 'ctr') }
    await ask(findCtr({ environment }), ['version'])
    expect(existsSync(ran)).to.equal(true)
  })
})

describe('the sources', () => {
  it('start programs in one place only', () => {
    const starting = /child_process|node:cluster|process\.binding|\bexecPath\b/
    const found = [...sourceFiles()]
      .filter(([, text]) => starting.test(withoutTypes(text)))
      .map(([file]) => file)
    expect(found.length).to.be.greaterThan(0)
    expect(found.filter((file) => !file.startsWith(STARTING))).to.deep.equal([])
  })
})

/** Types start nothing. */
function withoutTypes(text: string): string {
  return text.replace(/^import type .* from '.*'$/gm, '')
}
