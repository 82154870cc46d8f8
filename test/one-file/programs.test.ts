import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { VERSION } from '../../manifests/program.js'
import { scratch } from '../scratch.js'

const MANIFEST = JSON.parse(readFileSync('package.json', 'utf8')) as {
  files: string[]
  bin: Record<string, string>
}

describe('the programs of the package', () => {
  const { folder, remove } = scratch()
  after(remove)
  let installed = ''
  let env: NodeJS.ProcessEnv

  /** What is packed, as npm would lay it out, with the dependencies beside it. */
  before(() => {
    const home = folder()
    installed = path.join(home, 'node_modules', 'containerimage')
    mkdirSync(installed, { recursive: true })
    for (const name of [...MANIFEST.files, 'package.json'])
      cpSync(name, path.join(installed, name), { recursive: true })
    symlinkSync(path.resolve('node_modules'), path.join(installed, 'node_modules'), 'junction')
    env = {
      ...process.env,
      CONTAINERIMAGE_STORE: path.join(home, 'store'),
      CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
    }
  })

  function run(args: string[], more: NodeJS.ProcessEnv = {}) {
    return spawnSync(process.execPath, args, {
      cwd: path.dirname(path.dirname(installed)),
      encoding: 'utf8',
      env: { ...env, ...more },
    })
  }

  for (const [name, file] of Object.entries(MANIFEST.bin))
    it(`start from what is packed: ${name}`, () => {
      const program = path.join(installed, file)
      expect(readFileSync(program, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/)
      if (process.platform !== 'win32') expect(statSync(program).mode & 0o111).to.equal(0o111)
      const many = path.resolve(file.replace('dist/bin', /-/.test(name) ? 'dist/cli/powershell' : 'dist/cli'))
      const { status, stdout } = run([program, '--help'])
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: run([many, '--help']).stdout })
    })

  it('say the version before anything else is loaded', () => {
    const program = path.join(installed, 'dist/bin/containerimage.js')
    const { stdout, stderr } = run([program, '--version'], { NODE_DEBUG: 'esm' })
    expect(stdout).to.equal(`${VERSION}\n`)
    expect(stderr).to.contain('containerimage.js')
    expect(stderr).not.to.contain('main.js').and.not.to.contain('containerimage.mjs')
  })

  it('say where a fault is, by the names of functions', () => {
    const main = path.join(installed, 'dist/bin/main.js')
    const script = `
      const { main } = await import(${JSON.stringify(`file://${main}`)})
      process.env = new Proxy(process.env, { get(env, key) { if (key === 'CONTAINERIMAGE_STORE') throw new Error('broken'); return env[key] } })
      await main(['get', '--verbose'])`
    const { status, stderr } = run(['--input-type=module', '-e', script])
    expect(status).to.equal(1)
    expect(stderr).to.match(/Error UNEXPECTED: broken[\s\S]*storeLocation .*containerimage\.mjs:\d+:\d+/)
  })

  it('are the library as well, which finds the one file', () => {
    const script =
      "import { carriedTool } from 'containerimage'; console.log((await carriedTool()).file.path)"
    const { stdout } = run(['--input-type=module', '-e', script])
    expect(stdout.trim().endsWith(path.join('containerimage', 'dist', 'containerimage.mjs'))).to.equal(true)
    expect(existsSync(stdout.trim())).to.equal(true)
  })
})
