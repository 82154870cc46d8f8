import { expect } from 'chai'
import { commandNamed } from '../../cli/commands/index.js'
import { secondWordHere, wordHere } from '../../cli/words/words-of-others.js'
import { run } from './command/run.js'

describe("other tools' words for commands", () => {
  const told: Record<string, string> = {
    remove: 'uninstall',
    'Remove-ContainerImage x': 'uninstall',
    validate: 'verify',
    fsck: 'store check',
    sbom: 'packages',
    'manifest inspect x': 'inspect',
    'source register x y': 'source add',
    'source rm x': 'source remove',
    'source UNREGISTER x': 'source remove',
    'trust import key.pub': 'trust add',
    'trust ls': 'trust list',
    'receipt check x': 'receipt verify',
    'receipt ls': 'receipt show',
    'media list': 'media status',
    'media gc x': 'media prune',
    'store fsck': 'store check',
    'key new': 'key generate',
    'database download': 'database update',
    'set compare x': 'set outdated',
    'config show': 'config list',
  }
  for (const [line, expected] of Object.entries(told))
    it(`are told as they are here: ${line}`, async () => {
      const { code, err } = await run(line.split(' '))
      expect(code).to.equal(2)
      expect(err).to.contain(`\`containerimage ${expected}\``)
      const [first = '', second] = expected.split(' ')
      const command = await commandNamed(first)
      expect(command?.name).to.equal(first)
      if (second !== undefined) expect(command?.subcommands?.map(({ name }) => name)).to.include(second)
    })

  it('are not told where a command has no such word, or the word is new', () => {
    expect(secondWordHere('key', 'unregister', ['generate'])).to.equal(undefined)
    expect(secondWordHere('source', 'frobnicate', ['add', 'list', 'remove'])).to.equal(undefined)
    expect(wordHere('frobnicate')).to.equal(undefined)
    expect(wordHere('constructor')).to.equal(undefined)
  })
})
