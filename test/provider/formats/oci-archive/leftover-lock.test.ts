import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { save } from '../../../../provider/index.js'
import { kernelPlace } from '../../../../provider/io/files/kernel-place.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

describe('an archive that a killed run has finished, but for its lock', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  it('is left alone by the next run, which removes the lock', async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    const folder = temporary.folder()
    const file = path.join(folder, 'base.tar')
    await save({ names: [layout], path: file })
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(
      `${file}.part.lock`,
      JSON.stringify({ id: 'x', pid: dead, host: hostname(), place: kernelPlace(), started: '1' }),
    )
    await save({ names: [layout], path: file })
    expect(readdirSync(folder)).to.deep.equal(['base.tar'])
  })
})
