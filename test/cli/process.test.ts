import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { VERSION } from '../../manifests/program.js'
import { scratch } from '../scratch.js'

const PROGRAM = path.resolve('dist/cli/containerimage.js')

describe('the program', () => {
  const { folder, remove } = scratch()
  after(remove)

  function environment(): NodeJS.ProcessEnv {
    const home = folder()
    return {
      ...process.env,
      CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
      CONTAINERIMAGE_STORE: path.join(home, 'store'),
    }
  }

  function run(args: string[], program = PROGRAM) {
    return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: environment() })
  }

  it('says its version', () => {
    const { status, stdout, stderr } = run(['--version'])
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: `${VERSION}\n`, stderr: '' })
  })

  it('loads neither yargs nor the library to say its version', () => {
    const script = `
      import { register } from 'node:module'
      process.argv = [process.argv[0], 'containerimage', '--version']
      await import(${JSON.stringify(`file://${PROGRAM}`)})`
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm' },
    })
    expect(stderr).to.contain('start.js')
    expect(stderr).not.to.match(/yargs|provider|main\.js/)
  })

  it('ends with the code of the error, which is on stderr', () => {
    const { status, stdout, stderr } = run(['tag', 'a:1', 'b:1'])
    expect({ status, stdout }).to.deep.equal({ status: 3, stdout: '' })
    expect(stderr).to.match(/^Error NOT_INSTALLED: /)
    expect(stderr).not.to.contain('\u001b')
  })

  it('ends with 1 and an error of ours for what nobody caught', () => {
    const script = `
      import { main } from ${JSON.stringify(`file://${path.resolve('dist/cli/main.js')}`)}
      setImmediate(() => { throw new Error('broken') })
      main(['get'])`
    const args = ['--input-type=module', '-e', script]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment() })
    expect(status).to.equal(1)
    expect(stderr).to.match(/^Error UNEXPECTED: broken\n/)
  })

  it('has colours on stderr where they are forced', () => {
    const env = { ...environment(), FORCE_COLOR: '1' }
    const { stderr } = spawnSync(process.execPath, [PROGRAM, 'fnid'], { encoding: 'utf8', env })
    expect(stderr).to.contain('\u001b[31mError USAGE:\u001b[0m')
  })

  it('is what its PowerShell name says', () => {
    const { status, stdout } = run(
      ['-Json', '-Name', 'x*'],
      path.resolve('dist/cli/powershell/get-containerimage.js'),
    )
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: '[]\n' })
  })

  it('ends quietly when the reader of its output goes away', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'completion', 'bash'], { env: environment() })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
  })

  it('leaves off at the first signal, and ends with 130', async function () {
    if (process.platform === 'win32') this.skip()
    let reached = (): void => {}
    const asked = new Promise<void>((resolve) => {
      reached = resolve
    })
    // A registry that takes the question and never answers.
    const silent = createServer(() => reached()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    try {
      const args = [PROGRAM, 'pull', `127.0.0.1:${port}/debian:12.5`, '--json']
      const child = spawn(process.execPath, args, { env: environment() })
      let stderr = ''
      child.stderr.on('data', (chunk) => {
        stderr += chunk
      })
      await asked
      child.kill('SIGTERM')
      const [code] = await once(child, 'close')
      expect(code).to.equal(130)
      expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error.code).to.equal('INTERRUPTED')
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })
})
