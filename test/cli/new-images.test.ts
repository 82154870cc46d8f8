import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { tar } from '../fixtures/tar.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describe('the commands import, commit and diff', () => {
  const temporary = scratch()
  let folder: string
  let file: string
  let store: string[]

  beforeEach(async function () {
    if (process.platform === 'win32') this.skip()
    folder = temporary.folder()
    store = ['--store', path.join(folder, 'store')]
    file = path.join(folder, 'root.tar')
    writeFileSync(
      file,
      tar({ name: 'etc/', type: '5' }, { name: 'etc/a', bytes: 'a' }, { name: 'b', bytes: 'b' }),
    )
    const imported = await run(['import', file, 'box:1', '--platform', 'linux/amd64', ...store])
    expect(imported.out).to.match(/^Made box:1 \([0-9a-f]{12}\): linux\/amd64, \d/)
  })
  afterEach(() => temporary.remove())

  function change(): string {
    const root = path.join(folder, 'root')
    mkdirSync(path.join(root, 'etc'), { recursive: true })
    writeFileSync(path.join(root, 'etc/a'), 'another')
    writeFileSync(path.join(root, 'new'), 'new')
    return root
  }
  const commit = (...more: string[]) =>
    run(['commit', change(), 'app:1', '--from', 'box:1', ...more, ...store])

  it('say what was made of what, and keep commas in the lines of a Dockerfile', async () => {
    const { code, out } = await commit(
      '--change',
      'CMD ["a","b"]',
      '--change',
      'ENV X=1,2',
      '--message',
      'more',
    )
    expect(code).to.equal(0)
    expect(out).to.match(
      /^Made app:1 \([0-9a-f]{12}\) of box:1: a layer of \d+ B, 1 added, [12] changed, 1 removed\n$/,
    )
    const { out: shown } = await run(['inspect', 'app:1', '--json', ...store])
    const [{ config }] = JSON.parse(shown)
    expect(config.config).to.deep.include({
      Cmd: ['a', 'b'],
      Env: [...config.config.Env.slice(0, -1), 'X=1,2'],
    })
    const { out: steps } = await run(['history', 'app:1', ...store])
    expect(steps).to.contain('containerimage commit').and.to.contain('more')
  })

  it('take the spelling of PowerShell', async () => {
    const { out, err } = await run([
      'commit',
      change(),
      'app:1',
      '-From',
      'box:1',
      '-Change',
      'CMD ["a","b"]',
      ...store,
    ])
    expect(out, err).to.match(/^Made app:1/)
    const { out: shown } = await run(['inspect', 'app:1', '--json', ...store])
    expect(JSON.parse(shown)[0].config.config.Cmd).to.deep.equal(['a', 'b'])
  })

  it('list what would be made as docker does, and make nothing', async () => {
    const { out } = await commit('--what-if')
    const lines = out.trimEnd().split('\n')
    expect(lines).to.include.members(['D /b', 'C /etc/a', 'A /new'])
    expect(lines.at(-1)).to.match(/^Would make app:1 of box:1: 1 added/)
    expect((await run(['get', '--json', ...store])).out).not.to.contain('app')
  })

  it('say that nothing differs', async () => {
    const root = path.join(folder, 'root')
    await run(['unpack', 'box:1', root, ...store])
    const { out, code } = await run(['commit', root, 'app:1', '--from', 'box:1', ...store])
    expect(out).to.equal('Nothing differs from box:1: no image was made.\n')
    expect(code).to.equal(0)
  })

  it('show differences under headings, and end with 1 if that is asked for', async () => {
    await commit('--change', 'USER app')
    const { out, code } = await run(['diff', 'box:1', 'app:1', ...store])
    expect(code).to.equal(0)
    expect(out).to.match(/^First: box:1 \([0-9a-f]{12}\), second: app:1 \([0-9a-f]{12}\)\n\nSettings\n/)
    expect(out).to.match(/^user +- +app$/m)
    expect(out).to.match(/^= 1 shared, .*\n\+ [0-9a-f]{12} {2}\d+ B$/m)
    expect(out).to.match(/^Files: 1 added, [12] changed, 1 removed$/m)
    expect(out).to.match(/^~ +1 +7 +size +\/etc\/a$/m)
    expect(out).to.match(/^- +1 +file +\/b$/m)
    const asked = await run([
      'diff',
      'box:1',
      'app:1',
      '--exit-code',
      '--only',
      'config,files',
      '--json',
      ...store,
    ])
    expect(asked.code).to.equal(1)
    expect(JSON.parse(asked.out)).to.have.keys('first', 'second', 'identical', 'same', 'config', 'files')
  })

  it('say in one line that two names are one image, and refuse a part that is none', async () => {
    await run(['tag', 'box:1', 'box:2', ...store])
    const { out, code } = await run(['diff', 'box:1', 'box:2', '--exit-code', ...store])
    expect(out).to.match(/^box:1 and box:2 are the same image: sha256:[0-9a-f]{64}\n$/)
    expect(code).to.equal(0)
    expect((await run(['diff', 'box:1', 'box:2', '--only', 'layer', ...store])).code).to.equal(2)
  })

  it('count what is in a folder that only one of them has', async () => {
    const root = change()
    for (const name of ['x', 'y']) writeFileSync(path.join(root, 'etc', name), name)
    await run(['commit', root, 'app:1', '--from', 'box:1', ...store])
    rmSync(path.join(root, 'etc'), { recursive: true })
    await run(['commit', root, 'app:2', '--from', 'app:1', ...store])
    const { out } = await run(['diff', 'app:1', 'app:2', '--only', 'files', ...store])
    expect(out).to.match(/\/etc and 3 in it$/m)
    expect(existsSync(root)).to.equal(true)
  })

  it('take a tar from a pipe', async () => {
    const bytes = tar({ name: 'piped', bytes: 'x' })
    const { out, err } = await run(['import', '-', 'piped:1', '--platform', 'linux/arm64', ...store], {
      piped: bytes.toString('latin1'),
    })
    expect(out, err).to.match(/^Made piped:1/)
  })
})
