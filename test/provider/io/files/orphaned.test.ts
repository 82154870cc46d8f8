import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save, verify } from '../../../../provider/index.js'
import { isOrphaned, isReplacement } from '../../../../provider/io/files/replacement-name.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const DURABLE = new URL('../../../../provider/io/files/durable.js', import.meta.url).href

describe('what a killed process has not renamed', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  /** The name that a process gives to what it has not renamed yet; it dies before it does. */
  function leftIn(folder: string): string {
    const text = `
      import fs from 'node:fs/promises'
      import { syncBuiltinESMExports } from 'node:module'
      fs.rename = () => process.kill(process.pid, 'SIGKILL')
      syncBuiltinESMExports()
      const { replaceFile } = await import(${JSON.stringify(DURABLE)})
      await replaceFile(${JSON.stringify(path.join(folder, 'index.json'))}, Buffer.from('{}'))`
    spawnSync(process.execPath, ['--input-type=module', '-e', text])
    return readdirSync(folder).find((name) => name.endsWith('.new')) ?? ''
  }

  it('is known by its name, at once', () => {
    const name = leftIn(temporary.folder())
    expect(isReplacement(name)).to.equal(true)
    expect(isOrphaned(name)).to.equal(true)
    expect(isOrphaned(name.replace(/-\d+\./, `-${process.pid}.`))).to.equal(false)
    expect(isOrphaned(name.replace(/\.[0-9a-f]{8}-/, '.00000000-'))).to.equal(false)
  })

  it('is gone from a media after the next save', async () => {
    const media = temporary.folder()
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    await save({ names: [layout], path: media, format: 'media' })
    writeFileSync(path.join(media, leftIn(temporary.folder())), '{}')
    expect((await verify({ paths: [media] })).problems).to.have.length(1)
    await save({ names: [layout], path: media })
    expect((await verify({ paths: [media] })).problems).to.deep.equal([])
  })
})
