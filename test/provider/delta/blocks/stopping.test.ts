import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { cutDelta, joinDelta } from '../../../../provider/delta/blocks/index.js'
import { scratch } from '../../../scratch.js'
import { cut, edited, layerIn, sampleFiles, tarOf } from './layers.js'

describe('cutting and joining a delta', () => {
  const folders = scratch()
  afterEach(() => folders.remove())

  const before = sampleFiles(11, 400)
  const [old, young] = [tarOf(before), tarOf(edited(before, 11))]

  for (const [kind, pack] of Object.entries({
    tar: (tar: Buffer) => tar,
    gzip: (tar: Buffer) => gzipSync(tar, { level: 1 }),
  }))
    it(`stops where it is told to, and leaves nothing behind: ${kind}`, async () => {
      const folder = folders.folder()
      const [base, layer] = [
        layerIn(folder, 'old', pack(old), old),
        layerIn(folder, 'new', pack(young), young),
      ]
      const early = new AbortController()
      early.abort()
      const refused = await cutDelta(layer, [base], { scratch: folder, signal: early.signal }).catch((e) => e)
      expect(refused).to.include({ code: 'INTERRUPTED' })
      const made = await cut(layer, [base], { scratch: folder })
      const names = readdirSync(folder)
      // With a thread that has just begun, and with one in the middle of its work.
      for (const pause of [1, 60, 120]) {
        const stop = new AbortController()
        const options = { scratch: folder, signal: stop.signal }
        const works = [cutDelta(layer, [base], options), joinDelta(made.file, [base], options)]
        setTimeout(() => stop.abort(), pause)
        for (const outcome of await Promise.allSettled(works))
          if (outcome.status === 'rejected') expect(outcome.reason).to.include({ code: 'INTERRUPTED' })
        const left = readdirSync(folder).filter((name) => !names.includes(name))
        expect(left.filter((name) => name.startsWith('making'))).to.deep.equal([])
      }
    })

  it('has nothing but its own folder when it is killed', async () => {
    const folder = folders.folder()
    const base = layerIn(folder, 'old', gzipSync(old, { level: 1 }), old)
    const layer = layerIn(folder, 'new', gzipSync(young, { level: 1 }), young)
    const made = await cut(layer, [base], { scratch: folder })
    const names = readdirSync(folder)
    const door = new URL('../../../../provider/delta/blocks/index.js', import.meta.url)
    const work = JSON.stringify({
      layer: { ...layer, bytes: 0 },
      bases: [{ ...base, bytes: 0 }],
      options: { scratch: folder },
      file: made.file,
    })
    const program = `
      const { cutDelta, joinDelta } = await import('${door}')
      const { layer, bases, options, file } = ${work}
      console.log('begun')
      for (;;) for (const made of [await cutDelta(layer, bases, options), await joinDelta(file, bases, options)])
        (await import('node:fs')).rmSync(made.file.path)`
    const script = path.join(folders.folder(), 'work.mjs')
    writeFileSync(script, program)
    for (const pause of [20, 150]) {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, pause))
      child.kill('SIGKILL')
      expect((await ended)[1]).to.equal('SIGKILL')
      for (const name of readdirSync(folder).filter((one) => !names.includes(one))) {
        if (name.startsWith('making-')) continue
        // It was whole, and about to be removed.
        const bytes = readFileSync(path.join(folder, name))
        expect([layer.bytes, made.bytes].some((whole) => whole.equals(bytes))).to.equal(true)
      }
    }
  })

  it('finds a layer whose bytes are not those of its digest, and leaves nothing behind', async () => {
    const folder = folders.folder()
    const base = layerIn(folder, 'old', gzipSync(old, { level: 1 }))
    const layer = layerIn(folder, 'new', gzipSync(young, { level: 1 }))
    const wrong = { ...layer, descriptor: { ...layer.descriptor, digest: `sha256:${'1'.repeat(64)}` } }
    const error = await cutDelta(wrong, [base], { scratch: folder }).catch((e) => e)
    expect(error).to.include({ code: 'DIGEST_MISMATCH' })
    appendFileSync(layer.range.path, 'more')
    const cutShort = { ...layer, range: { ...layer.range, size: layer.range.size - 100 } }
    const damaged = await cutDelta(cutShort, [base], { scratch: folder }).catch((e) => e)
    expect(damaged).to.include({ code: 'ARCHIVE_INVALID' })
    expect(readdirSync(folder)).to.have.members(['new', 'old'])
  })
})
