import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { parse } from '../../../cli/parsing/parse.js'
import type { ActionName, RequestOf } from '../../../cli/ui/protocol/actions.js'
import { commandLine, wordsOf } from '../../../cli/ui/protocol/command-line.js'

const HARD = `it's $HOME "x" \\ ; & | <b> *`

const CASES: { [Name in ActionName]?: [RequestOf<Name>, Record<string, unknown>] } = {
  images: [{}, {}],
  image: [
    { name: 'a:1', platform: 'linux/arm64' },
    { name: ['a:1'], platform: 'linux/arm64' },
  ],
  history: [{ name: HARD }, { name: HARD }],
  search: [
    { term: 'deb', source: 'plant' },
    { term: 'deb', source: 'plant' },
  ],
  find: [
    { names: ['*deb*', 'x'], source: 'plant', allVersions: true },
    { name: ['*deb*', 'x'], source: 'plant', 'all-versions': true },
  ],
  tags: [{ repository: 'h:1/a' }, { repository: 'h:1/a' }],
  status: [{ path: './a b', receipts: ['./r', './s'] }, { receipts: ['./r', './s'] }],
  tag: [
    { from: 'a:1', to: 'b:2' },
    { from: 'a:1', to: ['b:2'] },
  ],
  untag: [{ name: 'a:1' }, { name: ['a:1'] }],
  verify: [{ path: HARD }, { path: [HARD] }],
  install: [
    { target: './x.tar', platform: 'linux/amd64', noLatest: true, whatIf: true },
    { platform: ['linux/amd64'], 'no-latest': true, 'what-if': true },
  ],
  save: [
    {
      names: ['a:1', 'b:2'],
      path: './out',
      platforms: ['linux/amd64', 'linux/arm64'],
      format: 'media',
      volumeSize: 'fat32',
      force: true,
    },
    {
      name: ['a:1', 'b:2'],
      path: './out',
      platform: ['linux/amd64', 'linux/arm64'],
      format: 'media',
      'volume-size': 'fat32',
      force: true,
    },
  ],
  uninstall: [{ name: 'a:1', force: true }, { force: true }],
}

describe('the command line that does the same', () => {
  for (const [action, [request, expected]] of Object.entries(CASES))
    it(`is one that ${action} has`, async () => {
      const words = wordsOf(action as ActionName, request as never, './store')
      const parsed = await parse(words, {})
      if ('text' in parsed) throw new Error(parsed.text)
      const read = (name: string, value: unknown): unknown => {
        if (Array.isArray(value)) return parsed.arguments.list(name)
        return typeof value === 'boolean' ? parsed.arguments.flag(name) : parsed.arguments.text(name)
      }
      const got = Object.fromEntries(
        Object.entries(expected).map(([name, value]) => [name, read(name, value)]),
      )
      expect(got).to.deep.equal(expected)
      expect(parsed.arguments.text('store')).to.equal('./store')
    })

  it('means to a shell just what it says', function () {
    if (process.platform === 'win32') this.skip()
    const line = commandLine('tag', { from: HARD, to: `--x\n'y'` })
    const script = line.replace(/^containerimage/, `printf '%s\\0'`)
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    expect(stdout.split('\0').slice(0, -1)).to.deep.equal(['tag', HARD, `--x\n'y'`])
  })
})
