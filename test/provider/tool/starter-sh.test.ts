import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { nodeArchive } from '../../../provider/tool/node-archive.js'
import { starterSh } from '../../../provider/tool/starter-sh.js'
import { onPath } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'

/** What the script may call, and nothing else: no node. */
const PROGRAMS = ['dirname', 'uname', 'tar', 'gzip', 'mktemp', 'rm', 'mkdir', 'sha256sum']

const SHELLS: [string, string[]][] = [
  ['sh', []],
  ['dash', []],
  ['bash', ['--posix']],
  ['busybox', ['sh']],
]

for (const [shell, options] of SHELLS)
  describe(`containerimage.sh in ${shell}`, () => {
    const { folder, remove } = scratch()
    afterEach(remove)
    const program = process.platform === 'win32' ? undefined : onPath(shell)

    beforeEach(function () {
      if (program === undefined) this.skip()
    })

    /** A stick with a carried Node that says so, and a PATH without one. */
    function stick() {
      const place = folder()
      const here = path.join(place, 'a stick')
      const bin = path.join(place, 'bin')
      const temporary = path.join(place, 'temporary')
      for (const one of [here, bin, temporary]) mkdirSync(one)
      for (const name of PROGRAMS) symlinkSync(onPath(name) ?? '', path.join(bin, name))
      writeFileSync(path.join(here, 'containerimage.mjs'), TOOL)
      const archive = nodeArchive(`node-v20.19.5-${process.platform}-${os.arch()}.tar.gz`)
      const node = path.join(place, archive.folder, 'bin', 'node')
      mkdirSync(path.dirname(node), { recursive: true })
      writeProgram(node, `CARRIED=yes exec '${process.execPath}' "$@"`)
      const file = path.join(here, archive.fileName)
      execFileSync('tar', ['-czf', file, '-C', place, archive.folder])
      rmSync(path.join(place, archive.folder), { recursive: true })
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
      const script = path.join(here, 'containerimage.sh')
      writeFileSync(script, starterSh([{ archive, sha256 }]))
      const run = (args: string[], env: NodeJS.ProcessEnv = {}) => {
        const { status, stdout, stderr } = spawnSync(program ?? '', [...options, script, ...args], {
          cwd: place,
          encoding: 'utf8',
          env: { PATH: bin, TMPDIR: temporary, ...env },
        })
        return { status, said: status === 3 ? JSON.parse(stdout) : stdout, stderr }
      }
      return { place, bin, temporary, archive, file, script, run }
    }

    it('takes the node on the PATH where it is new enough', () => {
      const { bin, run } = stick()
      symlinkSync(process.execPath, path.join(bin, 'node'))
      expect(run(['find', 'a b', '*', ''])).to.deep.equal({
        status: 3,
        said: { words: ['find', 'a b', '*', ''] },
        stderr: '',
      })
    })

    it('unpacks the carried one for one run where the PATH has none, and leaves nothing behind', () => {
      const { temporary, run } = stick()
      expect(run(['get', "it's"])).to.deep.equal({
        status: 3,
        said: { words: ['get', "it's"], carried: 'yes' },
        stderr: '',
      })
      expect(readdirSync(temporary)).to.deep.equal([])
    })

    it('unpacks the carried one where that on the PATH is too old', () => {
      const { bin, run } = stick()
      writeProgram(path.join(bin, 'node'), 'exit 1')
      expect(run([]).said).to.deep.equal({ words: [], carried: 'yes' })
    })

    it('takes no node, and no other program, of the folder that one is in', () => {
      for (const before of ['', '.', './', 'inner']) {
        const { place, bin, run } = stick()
        mkdirSync(path.join(place, 'inner'))
        for (const name of [...PROGRAMS, 'node'])
          for (const folder of [place, path.join(place, 'inner')])
            writeProgram(path.join(folder, name), `echo ${name} of a stranger; exit 3`)
        expect(run(['get'], { PATH: `${before}:${bin}` }).said).to.deep.equal({
          words: ['get'],
          carried: 'yes',
        })
        symlinkSync(process.execPath, path.join(bin, 'node'))
        expect(run(['get'], { PATH: `${before}:${bin}:` }).said).to.deep.equal({ words: ['get'] })
      }
    })

    it('keeps it in a folder that was named, and takes it from there the next time', () => {
      const { place, file, temporary, run } = stick()
      const env = { CONTAINERIMAGE_NODE_DIR: path.join(place, 'kept node') }
      expect(run([], env).said.carried).to.equal('yes')
      rmSync(file)
      expect(run([], env).said.carried).to.equal('yes')
      expect(readdirSync(temporary)).to.deep.equal([])
    })

    it('refuses an archive that is damaged, or is not there', () => {
      const { file, temporary, run } = stick()
      writeFileSync(file, 'damaged')
      expect(run([])).to.include({ status: 1 })
      expect(run([]).stderr).to.match(/^node-v20.19.5-.* is damaged. Copy it here again.\n$/)
      rmSync(file)
      expect(run([]).stderr).to.match(/is not beside this file/)
      expect(readdirSync(temporary)).to.deep.equal([])
    })

    it('says what is missing where no Node for this machine was carried', () => {
      const { script, run } = stick()
      const sha256 = '0'.repeat(64)
      writeFileSync(script, starterSh([{ archive: nodeArchive('node-v22.1.0-win-x64.zip'), sha256 }]))
      expect(run([]).status).to.equal(1)
      expect(run([]).stderr).to.match(/^This host has no Node 20\.17 or newer, and none .* --with-node\.\n$/)
    })
  })

/** Stands for the tool: says how it was called, and ends with 3. */
const TOOL = `
  const carried = process.env.CARRIED
  console.log(JSON.stringify({ words: process.argv.slice(2), carried }))
  process.exitCode = 3`

function writeProgram(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`)
  chmodSync(file, 0o755)
}
