import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, inventory, save, tag, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'
import { type Answers, onWindows } from '../windows.js'
import { pulled } from './refusals.js'

describe('a stick that was pulled out of a Windows', () => {
  const temporary = scratch()
  let layout: string
  let stick: string
  let store: string
  beforeEach(async () => {
    const folder = temporary.folder()
    layout = path.join(folder, 'layout')
    stick = path.join(folder, 'stick')
    store = path.join(folder, 'store')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { one: 1000 } }] }])
    mkdirSync(stick)
    await save({ names: [layout], path: path.join(stick, 'base.tar') })
    await install({ targets: [layout], store })
    cpSync(store, path.join(stick, 'store'), { recursive: true })
  })
  afterEach(() => temporary.remove())

  const without = (): Answers => {
    const answer = pulled(stick)
    return { open: answer, lstat: answer, rename: answer, rm: answer, link: answer }
  }

  for (const [what, work] of Object.entries({
    'an install from an archive': () => install({ targets: [path.join(stick, 'base.tar')], store }),
    'a save onto it': () => save({ names: [layout], path: path.join(stick, 'other.tar') }),
    'a save from a store on it': () =>
      save({ names: ['base'], store: path.join(stick, 'store'), path: path.join(store, '..', 'o.tar') }),
    'an inventory of a store on it': () => inventory({ store: path.join(stick, 'store') }),
    'a tag in a store on it': () => tag({ from: 'base:1.0', to: 'base:2', store: path.join(stick, 'store') }),
  }))
    it(`is told in words, and the store stays as it was: ${what}`, async () => {
      const before = [readdirSync(stick).sort(), readFileSync(path.join(store, 'index.json'), 'utf8')]
      const error = await failure(onWindows(without(), work as () => Promise<unknown>), 'CANNOT_MAKE')
      expect(error.message).to.contain('the drive or share does not answer (UNKNOWN)').and.to.contain(stick)
      expect(error.remedy).to.contain('still connected')
      expect([readdirSync(stick).sort(), readFileSync(path.join(store, 'index.json'), 'utf8')]).to.deep.equal(
        before,
      )
    })
  it('is a problem that verify tells, and no damage', async () => {
    const { problems } = await onWindows(without(), () => verify({ paths: [path.join(stick, 'base.tar')] }))
    expect(problems.map(({ code }) => code)).to.deep.equal(['CANNOT_MAKE'])
    expect(problems[0]?.message).to.contain('the drive or share does not answer (UNKNOWN)')
  })
})
