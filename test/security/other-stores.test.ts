import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, uninstall } from '../../provider/index.js'
import { MAY_LINK } from '../links.js'
import { scratch } from '../scratch.js'
import { BASE, file, LAID_OUT, layerOf, windowsLayout } from './hostile-layers.js'

/** Stores beside each other have their folders of images in one place. */
describe('the folder of an image that another store laid out', () => {
  const folders = scratch()
  after(() => folders.remove())

  interface Stores {
    image: string
    at(store: string): string
    /** Installs an image and lays it out; images that differ in their content have one name. */
    expand(store: string, content?: string, force?: boolean): Promise<{ wasThere: boolean }>
    uninstall(store: string, whatIf?: boolean): Promise<{ removed: boolean; kept: string[] | undefined }>
    metadata(): Record<string, unknown>
  }

  const stores = (): Stores => {
    const above = folders.folder()
    const at = (store: string): string => path.join(above, store)
    const image = path.join(above, 'images', LAID_OUT)
    const target = (content: string): string => {
      const layout = path.join(above, `layout ${content}`)
      rmSync(layout, { recursive: true, force: true })
      return windowsLayout(layout, [layerOf(...BASE, file('Files/a', content))])
    }
    return {
      image,
      at,
      async expand(store, content = 'one', force = false) {
        const request = { targets: [target(content)], store: at(store), expand: true, force }
        const { expanded } = await install(request)
        return { wasThere: expanded?.[0]?.wasThere ?? false }
      },
      async uninstall(store, whatIf = false) {
        const { expanded, kept } = await uninstall({ store: at(store), name: 'evil', whatIf })
        expect([...(expanded ?? []), ...(kept ?? [])].every((one) => one.path === image)).to.equal(true)
        return { removed: expanded !== undefined, kept: kept?.[0]?.stores }
      },
      metadata: () => JSON.parse(readFileSync(path.join(image, 'metadata.json'), 'utf8')),
    }
  }

  const code = async (work: Promise<unknown>): Promise<unknown> =>
    await work.then(
      () => 'nothing',
      (reason) => reason.code,
    )

  const installOnly = async (one: Stores, store: string, content = 'one'): Promise<void> => {
    const layout = path.join(one.at('only'), content)
    mkdirSync(layout, { recursive: true })
    const targets = [windowsLayout(layout, [layerOf(...BASE, file('Files/a', content))])]
    await install({ targets, store: one.at(store) })
  }

  it('goes with the image of its own store', async () => {
    const one = stores()
    await one.expand('a')
    expect(one.metadata()).to.deep.include({ Stores: ['a'] })
    expect(await one.uninstall('a', true)).to.deep.equal({ removed: true, kept: undefined })
    expect(existsSync(one.image)).to.equal(true)
    expect(await one.uninstall('a')).to.deep.equal({ removed: true, kept: undefined })
    expect(existsSync(one.image)).to.equal(false)
  })

  for (const content of ['one', 'another'])
    it(`stays where an image of ${content === 'one' ? 'the same' : 'other'} content is uninstalled there`, async () => {
      const one = stores()
      await one.expand('a')
      await installOnly(one, 'b', content)
      for (const whatIf of [true, false])
        expect(await one.uninstall('b', whatIf)).to.deep.equal({ removed: false, kept: [one.at('a')] })
      expect(readFileSync(path.join(one.image, 'Files/a'), 'utf8')).to.equal('one')
      expect(one.metadata()).to.deep.include({ Stores: ['a'] })
    })

  it('belongs to both where both laid it out, and goes with the last of them', async () => {
    for (const [first, last] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const one = stores()
      expect(await one.expand('a')).to.deep.equal({ wasThere: false })
      expect(await one.expand('b')).to.deep.equal({ wasThere: true })
      expect(one.metadata()).to.deep.include({ Name: 'evil', Path: one.image, Stores: ['a', 'b'] })
      expect(await one.uninstall(first)).to.deep.equal({ removed: false, kept: [one.at(last)] })
      expect(one.metadata()).to.deep.include({ Name: 'evil', Stores: [last] })
      expect(await one.uninstall(last)).to.deep.equal({ removed: true, kept: undefined })
      expect(existsSync(one.image)).to.equal(false)
    }
  })

  it('is not replaced by an image of other content, unless that is forced', async () => {
    const one = stores()
    await one.expand('a')
    expect(await code(one.expand('b', 'another'))).to.equal('FILE_EXISTS')
    expect(readFileSync(path.join(one.image, 'Files/a'), 'utf8')).to.equal('one')
    await one.expand('b', 'another', true)
    expect(readFileSync(path.join(one.image, 'Files/a'), 'utf8')).to.equal('another')
    expect(one.metadata()).to.deep.include({ Stores: ['b'] })
    expect(await one.uninstall('a')).to.deep.equal({ removed: false, kept: [one.at('b')] })
  })

  it('is replaced where it is of its own store, and was made of another image', async () => {
    const one = stores()
    await one.expand('a')
    expect(await one.expand('a', 'another')).to.deep.equal({ wasThere: false })
    expect(readFileSync(path.join(one.image, 'Files/a'), 'utf8')).to.equal('another')
  })

  it('keeps its other stores where it is made anew', async () => {
    const one = stores()
    await one.expand('a')
    await one.expand('b', 'one', true)
    expect(one.metadata().Stores).to.have.members(['a', 'b'])
  })

  it('does not wait for a store that is gone', async () => {
    const one = stores()
    await one.expand('a')
    await one.expand('b')
    rmSync(one.at('a'), { recursive: true })
    expect(await one.uninstall('b')).to.deep.equal({ removed: true, kept: undefined })
  })

  it('is known again where all of it was moved, and where the store is reached through a link', async () => {
    const one = stores()
    await one.expand('a')
    const above = path.dirname(one.at('a'))
    const moved = `${above}-moved`
    renameSync(above, moved)
    if (MAY_LINK) symlinkSync('a', path.join(moved, 'link'))
    const store = path.join(moved, MAY_LINK ? 'link' : 'a')
    const { expanded } = await uninstall({ store, name: 'evil' })
    expect(expanded?.[0]?.path).to.equal(path.join(moved, 'images', LAID_OUT))
    renameSync(moved, above)
  })

  for (const [what, change] of Object.entries({
    'does not say for which store it was laid out': ({ Stores: _, ...rest }: Record<string, unknown>) => rest,
    'does not say of what it was made': ({ Digest: _, ...rest }: Record<string, unknown>) => rest,
    'says it of another image': (all: Record<string, unknown>) => ({
      ...all,
      Digest: `sha256:${'0'.repeat(64)}`,
    }),
    'names a place that is not a store beside it': (all: Record<string, unknown>) => ({
      ...all,
      Stores: ['../a', '.', 7],
    }),
  }))
    it(`stays where it ${what}`, async () => {
      const one = stores()
      await one.expand('a')
      writeFileSync(path.join(one.image, 'metadata.json'), JSON.stringify(change(one.metadata())))
      expect(await one.uninstall('a')).to.deep.equal({ removed: false, kept: [] })
      expect(existsSync(one.image)).to.equal(true)
    })

  it('is taken over from before folders knew their store, when it is asked for again', async () => {
    const one = stores()
    await one.expand('a')
    const { Stores: _, ...before } = one.metadata()
    writeFileSync(path.join(one.image, 'metadata.json'), JSON.stringify(before))
    expect(await one.expand('a')).to.deep.equal({ wasThere: true })
    expect(await one.uninstall('a')).to.deep.equal({ removed: true, kept: undefined })
  })

  it('as the original made it is taken for what its name says, and stays', async () => {
    const one = stores()
    mkdirSync(path.join(one.image, 'Files'), { recursive: true })
    writeFileSync(path.join(one.image, 'metadata.json'), JSON.stringify({ Name: 'evil', Version: '1.0' }))
    expect(await one.expand('a')).to.deep.equal({ wasThere: true })
    expect(await one.uninstall('a')).to.deep.equal({ removed: false, kept: [] })
    expect(existsSync(path.join(one.image, 'Files'))).to.equal(true)
  })

  it('is left alone by uninstall where it is a user’s own', async () => {
    const one = stores()
    await installOnly(one, 'a')
    mkdirSync(one.image, { recursive: true })
    writeFileSync(path.join(one.image, 'notes.txt'), 'precious')
    expect(await one.uninstall('a')).to.deep.equal({ removed: false, kept: undefined })
    cpSync(one.image, `${one.image}-copy`, { recursive: true })
    expect(await code(one.expand('a'))).to.equal('FILE_EXISTS')
    expect(readFileSync(path.join(one.image, 'notes.txt'), 'utf8')).to.equal('precious')
  })
})
