import path from 'node:path'
import { expect } from 'chai'
import { hasCode } from '../../../manifests/index.js'
import { install, save } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

describe('two images of one name', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  async function remedyOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => undefined,
      (failed: unknown) => failed,
    )
    expect(hasCode(error, 'AMBIGUOUS_NAME'), String(error)).to.equal(true)
    return (error as { remedy?: string }).remedy ?? ''
  }

  function layout(folder: string, ...contents: string[]): string {
    const place = path.join(folder, contents.join('-'))
    makeLayout(
      place,
      contents.map((a) => ({ refName: 'quay.io/team/app:1', layers: [{ files: { a } }] })),
    )
    return place
  }

  it('cannot be told apart in one file, and whoever has it is not sent to a choice that no verb offers', async () => {
    const folder = temporary.folder()
    const file = layout(folder, 'one', 'two')
    const store = path.join(folder, 'store')
    for (const work of [
      () => install({ targets: [file], store }),
      () => save({ names: [file], path: path.join(folder, 'saved.tar'), store }),
    ])
      expect(await remedyOf(work())).to.match(/^Have the file made again/)
  })

  it('of two files are saved one by one', async () => {
    const folder = temporary.folder()
    const names = [layout(folder, 'one'), layout(folder, 'two')]
    const store = path.join(folder, 'store')
    const remedy = await remedyOf(save({ names, path: path.join(folder, 'saved.tar'), store }))
    expect(remedy).to.match(/^Save them one by one/)
    for (const [i, name] of names.entries())
      await save({ names: [name], path: path.join(folder, `${i}.tar`), store })
  })
})
