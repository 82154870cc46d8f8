import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { compileShim } from './shim.js'

/** Calls of every kind, on the main thread, on libuv's threads, and in a child. */
const PROGRAM = `
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, open, rm, symlink } from 'node:fs/promises'
fs.readFileSync(process.argv[1])
await mkdir('d')
const file = await open('d/one', 'w')
await file.write('0123456789')
await file.writev([Buffer.from('a'), Buffer.from('b')])
await file.write(Buffer.from('c'), 0, 1, 3)
await file.sync()
await file.truncate(6)
await file.chmod(0o600)
await file.close()
fs.renameSync('d/one', 'd/two')
await link('d/two', 'd/three')
await symlink('two', 'd/four')
spawnSync(process.execPath, ['-e', 'require("fs").appendFileSync("d/five", "x")'])
await copyFile('d/two', 'd/six')
await mkdtemp('d/seven-')
fs.unlinkSync('d/four')
fs.writeFileSync('../outside', 'not counted')
`

const CALLS = [
  'mkdir /d',
  'open /d/one',
  'write /d/one',
  'write /d/one',
  'write /d/one',
  'sync /d/one',
  'truncate /d/one',
  'chmod /d/one',
  'rename /d/two',
  'link /d/three',
  'link /d/four',
  'open /d/five',
  'write /d/five',
  'open /d/six',
  'truncate /d/six',
  'chmod /d/six',
  'write /d/six',
  'mkdir /d/seven-XXXXXX',
  'unlink /d/four',
]

const describeHere = process.platform === 'linux' ? describeWithPeers : () => {}

describeHere(['cc'], 'what makes calls fail', () => {
  const temporary = scratch()
  let shim: string

  before(() => {
    shim = compileShim(temporary.folder())
  })
  after(() => temporary.remove())

  function run(injection: { at?: number; how?: string } = {}) {
    const folder = temporary.folder()
    const root = path.join(folder, 'root')
    mkdirSync(root)
    writeFileSync(path.join(folder, 'count'), Buffer.alloc(8))
    writeFileSync(path.join(folder, 'program.mjs'), PROGRAM)
    const env = {
      PATH: process.env.PATH,
      UV_USE_IO_URING: '0',
      LD_PRELOAD: shim,
      INJECT_BELOW: root,
      INJECT_COUNT: path.join(folder, 'count'),
      INJECT_LOG: path.join(folder, 'log'),
      INJECT_AT: String(injection.at ?? 0),
      INJECT_HOW: injection.how ?? 'EIO',
    }
    const { status, signal, stderr } = spawnSync(process.execPath, ['../program.mjs'], { cwd: root, env })
    const log = path.join(folder, 'log')
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
    const bytes = (name: string) => readFileSync(path.join(root, name), 'utf8')
    return { status, signal, err: stderr.toString(), lines, bytes, root }
  }

  it('counts the calls that change files below the folder, those of children as well, and no others', () => {
    const { status, lines } = run()
    expect(status).to.equal(0)
    expect(lines.map((line) => line.replace(/^\d+ /, ''))).to.have.members(CALLS)
    expect(lines.map((line) => Number(line.split(' ')[0]))).to.deep.equal(CALLS.map((_, i) => i + 1))
  })

  it('lets the one that is meant fail, and says which', () => {
    for (const [at, how] of [
      [1, 'EIO'],
      [6, 'ENOSPC'],
      [9, 'EIO'],
      [19, 'ENOSPC'],
    ] as const) {
      const { status, err, lines } = run({ at, how })
      expect(status).to.equal(1)
      expect(err).to.contain(`${how}: `)
      expect(lines).to.deep.equal([`${at} ${CALLS[at - 1]}`])
    }
  })

  it('lets all after it fail that need space on a full disk, and everything on one that is gone', () => {
    const full = run({ at: 4, how: 'FULL' })
    expect(full.bytes('d/one'), 'what still fits is written').to.equal('0123456789a')
    expect(full.err).to.contain('ENOSPC: ')
    expect(run({ at: 19, how: 'FULL' }).err).to.contain('ENOSPC: ')
    expect(run({ at: 2, how: 'GONE' }).err).to.contain('EIO: ')
  })

  it('lets a disk be full at any byte, and only what is written needs room', () => {
    for (const [at, one] of [
      [1, '0'],
      [7, '0123456'],
      [11, '0123456789a'],
    ] as const) {
      const full = run({ at, how: 'ROOM' })
      expect(full.err).to.contain('ENOSPC: ')
      expect(full.bytes('d/one')).to.equal(one)
    }
    const { status, lines } = run({ at: 1000, how: 'ROOM' })
    expect([status, lines.join('')]).to.deep.equal([0, ''])
  })

  it('kills the process, in the middle of what it writes', () => {
    const half = run({ at: 3, how: 'KILL' })
    expect(half.signal).to.equal('SIGKILL')
    expect(half.bytes('d/one')).to.equal('01234')
    const before = run({ at: 9, how: 'KILL' })
    expect(before.signal).to.equal('SIGKILL')
    expect(existsSync(path.join(before.root, 'd', 'one'))).to.equal(true)
    expect(existsSync(path.join(before.root, 'd', 'two'))).to.equal(false)
  })
})
