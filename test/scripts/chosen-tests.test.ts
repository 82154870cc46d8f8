import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { chosenTests } from '../../scripts/test/chosen-tests.js'
import { scratch } from '../scratch.js'

describe('the tests that are named', () => {
  const temporary = scratch()
  let root: string

  beforeEach(() => {
    root = temporary.folder()
    for (const name of ['copy/plan', 'copy/sizes', 'store/deep/places', 'names/names']) {
      const file = path.join(root, 'test', 'provider', `${name}.test.ts`)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, '')
    }
  })
  afterEach(() => temporary.remove())

  const specs = (...words: string[]) => chosenTests(words, root).specs

  it('are all where none is', () => {
    expect(specs()).to.deep.equal(['dist/test/**/*.test.js'])
    expect(specs('--grep', 'a name')).to.deep.equal(['dist/test/**/*.test.js'])
  })

  it('may be named as source, as compiled file, or by the source that they mirror', () => {
    for (const word of [
      'test/provider/copy/plan.test.ts',
      './test/provider/copy/plan.test.ts',
      'dist/test/provider/copy/plan.test.js',
      'provider/copy/plan.ts',
      'dist/provider/copy/plan.js',
    ])
      expect(specs(word), word).to.deep.equal(['dist/test/provider/copy/plan.test.js'])
  })

  it('are those of the folder, for a folder and for a source without a test of its own', () => {
    const all = ['dist/test/provider/copy/plan.test.js', 'dist/test/provider/copy/sizes.test.js']
    for (const word of ['provider/copy', 'test/provider/copy/', 'provider/copy/copy.ts'])
      expect(specs(word), word).to.deep.equal(all)
    expect(specs('provider/store')).to.deep.equal(['dist/test/provider/store/deep/places.test.js'])
  })

  it('are run once, however often they are named', () => {
    expect(specs('provider/names', 'provider/names/names.ts')).to.have.length(1)
  })

  it('are told of where there are none, and nothing else is run in their place', () => {
    for (const word of ['provider/none/here.ts', 'test/provider/copy/none.test.ts', 'provider/none'])
      expect(chosenTests([word], root)).to.deep.equal({ specs: [], options: [], unknown: [word] })
  })

  it('leave the options to mocha, with their values', () => {
    const { options, specs } = chosenTests(
      ['--grep', 'provider/names', '--bail', 'provider/copy/plan.ts'],
      root,
    )
    expect(options).to.deep.equal(['--grep', 'provider/names', '--bail'])
    expect(specs).to.deep.equal(['dist/test/provider/copy/plan.test.js'])
  })
})
