import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, type ProgressEvent, type SaveRequest, save, verify } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { filesIn } from '../../verbs/on-disk.js'

describe('a set of volumes, where another one is or was', () => {
  const temporary = scratch()
  let folder: string
  let stick: string

  beforeEach(() => {
    folder = temporary.folder()
    stick = path.join(folder, 'stick')
    mkdirSync(stick)
  })
  afterEach(() => temporary.remove())

  function image(name: string, content = name): string {
    const layout = path.join(folder, `${name}-${content}`)
    if (existsSync(layout)) return layout
    makeLayout(layout, [
      { refName: `${name}:1.0`, layers: [{ files: { [content]: 4_000_000 }, compression: 'none' }] },
    ])
    return layout
  }

  async function cut(names: string[], options: Partial<SaveRequest> = {}) {
    return await save({ names, path: stick, volumeSize: 2_500_000, ...options })
  }

  async function expectWhole(): Promise<void> {
    expect((await verify({ paths: [stick] })).problems).to.deep.equal([])
    const { images } = await install({ targets: [stick], store: path.join(folder, 'store') })
    expect(images.map(({ name }) => name)).to.include('app')
  }

  it('is the same in whatever order its images are named, and so is each volume of it', async () => {
    const [app, tool, more] = [image('app'), image('tool'), image('more')]
    await cut([app, tool, more])
    const whole = filesIn(stick)
    for (const number of [1, 3, 5]) {
      const alone = path.join(folder, `alone-${number}`)
      mkdirSync(alone)
      await cut([more, app, tool], { path: alone, onlyVolume: number })
      const [name = ''] = readdirSync(alone)
      expect(filesIn(alone)[name]).to.equal(whole[name])
      copyFileSync(path.join(alone, name), path.join(stick, name))
    }
    await expectWhole()
  })

  for (const volumeSize of [1_500_000, 3_500_000])
    it(`is refused before anything is written, unless forced: volumes of ${volumeSize} bytes`, async () => {
      const app = image('app')
      await cut([app])
      const before = filesIn(stick)
      for (const whatIf of [true, false]) {
        const error = await failure(cut([app], { volumeSize, whatIf }), 'FILE_EXISTS')
        expect(error.found).to.contain('app-1-0.vol1of2.tar')
        expect(filesIn(stick)).to.deep.equal(before)
      }
      await cut([app], { volumeSize, force: true })
      expect(readdirSync(stick).filter((name) => name in before)).to.deep.equal(
        volumeSize > 3_000_000 ? Object.keys(before) : [],
      )
      await expectWhole()
    })

  it('takes away the recovery files of the one that it replaces, and says so', async () => {
    const app = image('app')
    await cut([app], { recovery: 0.5 })
    const notes: string[] = []
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'note') notes.push(event.message)
    }
    await cut([app], { volumeSize: 1_500_000, force: true, onProgress })
    expect(readdirSync(stick).filter((name) => name.endsWith('.par2'))).to.deep.equal([])
    expect(notes.join()).to.contain('app-1-0.vol1of2.tar').and.to.contain('app-1-0.par2')
    await expectWhole()
    await cut([app], { volumeSize: 1_500_000, force: true, recovery: 0.5 })
    rmSync(path.join(stick, readdirSync(stick).find((name) => /vol2of/.test(name)) ?? ''))
    await verify({ paths: [stick], repair: true })
    await expectWhole()
  })

  it('replaces volumes of another content, also where one volume alone is made', async () => {
    await cut([image('app', 'old')])
    await failure(cut([image('app', 'new')]), 'FILE_EXISTS')
    await cut([image('app', 'new')], { onlyVolume: 2, force: true })
    expect(readdirSync(stick)).to.deep.equal(['app-1-0.vol2of2.tar'])
    await cut([image('app', 'new')])
    await expectWhole()
  })

  it('leaves alone what has another name, and sets of others', async () => {
    await cut([image('app')])
    await cut([image('tool')])
    writeFileSync(path.join(stick, 'app-1-0.vol1of9.tar.txt'), 'a note')
    renameSync(path.join(stick, 'app-1-0.vol1of2.tar'), path.join(stick, 'mine.tar'))
    await cut([image('app')], { volumeSize: 1_500_000, force: true })
    expect(readdirSync(stick)).to.include.members([
      'mine.tar',
      'app-1-0.vol1of9.tar.txt',
      'tool-1-0.vol1of2.tar',
    ])
    expect(readFileSync(path.join(stick, 'app-1-0.vol1of9.tar.txt'), 'utf8')).to.equal('a note')
  })
})
