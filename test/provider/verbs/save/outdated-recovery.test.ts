import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { save } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

describe('recovery files beside a save that is made again', () => {
  const temporary = scratch()
  let folder: string
  let stick: string

  beforeEach(() => {
    folder = temporary.folder()
    stick = path.join(folder, 'stick')
    mkdirSync(stick)
  })
  afterEach(() => temporary.remove())

  function layout(revision: number): string {
    const made = path.join(folder, `layout-${revision}`)
    if (!existsSync(made))
      makeLayout(made, [{ refName: 'app:1.0', layers: [{ files: { big: 900_000 + revision } }] }])
    return made
  }
  const recoveryFiles = (): string[] => readdirSync(stick).filter((name) => name.endsWith('.par2'))
  const again = (revision: number, more: object = {}): Promise<unknown> =>
    save({ names: [layout(revision)], path: stick, force: true, ...more })

  for (const [form, more] of [
    ['one file', { recovery: 0.3 }],
    ['a zip', { recovery: 0.3, format: 'zip' as const }],
    ['volumes', { recovery: 0.3, volumeSize: 2_000_000 }],
  ] as const) {
    const { recovery: _, ...plain } = more

    it(`go with what they would bring back, of ${form}`, async () => {
      await again(1, more)
      expect(recoveryFiles()).not.to.deep.equal([])
      await again(2, plain)
      expect(recoveryFiles()).to.deep.equal([])
    })

    it(`stay with what is the same, of ${form}`, async () => {
      await again(1, more)
      const before = recoveryFiles()
      await again(1, plain)
      expect(recoveryFiles()).to.deep.equal(before)
    })
  }

  it('stay where they cover anything else, or cannot be read', async () => {
    await again(1, { recovery: 0.3 })
    const [file = ''] = readdirSync(stick).filter((name) => name.endsWith('.tar'))
    const base = path.parse(file).name
    const other = path.join(folder, 'other')
    mkdirSync(other)
    await save({ names: [layout(1)], path: path.join(other, 'other.tar'), recovery: 0.3 })
    for (const name of recoveryFiles())
      if (name !== `${base}.par2`) copyFileSync(path.join(other, 'other.par2'), path.join(stick, name))
    copyFileSync(path.join(other, 'other.par2'), path.join(stick, `${base}.par2`))
    const before = recoveryFiles()
    await again(2)
    expect(recoveryFiles()).to.deep.equal(before)
    for (const name of before) writeFileSync(path.join(stick, name), 'not one')
    await again(3)
    expect(recoveryFiles()).to.deep.equal(before)
  })
})
