import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { makeWorkspace, removeTree, type Workspace } from '../injection/workspace.js'
import { canTrace } from '../tracing.js'
import { Disk } from './disk.js'
import { lossesOf } from './losses.js'
import { momentsOf, recordModule } from './record.js'

describeWithPeers(['strace'], 'the player of power losses', () => {
  const folders = scratch()
  let workspace: Workspace
  before(function () {
    if (!canTrace()) this.skip()
  })
  beforeEach(() => {
    workspace = makeWorkspace(path.join(folders.folder(), 'workspace'))
    writeFileSync(workspace.at('state.txt'), 'old')
  })
  afterEach(() => folders.remove())

  /** What a file can hold after some loss of power, at any moment of a program; `none` where it is not there. */
  async function contents(source: string, name: string): Promise<string[]> {
    const start = path.join(path.dirname(workspace.root), 'start')
    cpSync(workspace.root, start, { recursive: true })
    const changes = await recordModule(workspace, source)
    const found = new Set<string>()
    for (const moment of momentsOf(changes)) {
      const disk = new Disk(start)
      for (const change of changes.slice(0, moment)) disk.apply(change)
      for (const loss of lossesOf([moment, moment + 1000, moment + 2000])) {
        removeTree(workspace.root)
        disk.write(workspace.root, loss)
        const there = readdirSync(workspace.root).includes(name)
        found.add(there ? readFileSync(workspace.at(name), 'latin1') : 'none')
      }
    }
    return [...found].sort()
  }

  const WRITE = `
    import fs from 'node:fs'
    const fd = fs.openSync('draft', 'w'); fs.writeSync(fd, 'new!')
  `
  const SYNC = 'fs.fsyncSync(fd);'
  const RENAME = "fs.renameSync('draft', 'state.txt');"
  const SYNC_FOLDER = "fs.fsyncSync(fs.openSync('.', 'r'));"

  it('finds the old bytes or the new ones where a file is synced before it is renamed', async () => {
    const all = await contents(`${WRITE}; ${SYNC} ${RENAME} ${SYNC_FOLDER}`, 'state.txt')
    expect(all).to.deep.equal(['new!', 'old'])
  })

  it('finds torn and empty files where it is not', async () => {
    const all = await contents(`${WRITE}; ${RENAME} ${SYNC_FOLDER}`, 'state.txt')
    expect(all).to.include.members(['', 'ne', '\0\0\0\0', 'new!', 'old'])
  })

  it('finds a name gone that was not synced, and one that was removed', async () => {
    const made = await contents(`${WRITE}; ${SYNC}`, 'draft')
    expect(made).to.include('none')
    const removed = await contents("import fs from 'node:fs'; fs.unlinkSync('state.txt')", 'state.txt')
    expect(removed).to.deep.equal(['none', 'old'])
  })

  it('knows links, folders, truncation, copies and positions', async () => {
    const source = `
      import fs from 'node:fs'
      fs.mkdirSync('a/b', { recursive: true })
      fs.writeFileSync('a/b/one', 'abcdef')
      fs.truncateSync('a/b/one', 4)
      const fd = fs.openSync('a/b/one', 'r+'); fs.writeSync(fd, 'X', 1); fs.fsyncSync(fd)
      fs.linkSync('a/b/one', 'two'); fs.copyFileSync('two', 'three'); fs.appendFileSync('three', '!')
      fs.symlinkSync('three', 'four'); fs.chmodSync('three', 0o600)
      for (const f of ['a/b', 'a', '.']) fs.fsyncSync(fs.openSync(f, 'r'))
      fs.fsyncSync(fs.openSync('three', 'r'))
    `
    const start = path.join(path.dirname(workspace.root), 'start')
    cpSync(workspace.root, start, { recursive: true })
    const disk = new Disk(start)
    for (const change of await recordModule(workspace, source)) disk.apply(change)
    expect(disk.isSynced).to.equal(true)
    const [nothing] = lossesOf([])
    removeTree(workspace.root)
    if (nothing) disk.write(workspace.root, nothing)
    for (const [name, text] of Object.entries({
      'a/b/one': 'aXcd',
      two: 'aXcd',
      three: 'aXcd!',
      four: 'aXcd!',
    }))
      expect(readFileSync(workspace.at(name), 'utf8'), name).to.equal(text)
  })
})
