import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { inspect, install, type ProgressEvent, save, verify } from '../../../../provider/index.js'
import { damageWim } from '../../../fixtures/wim.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { failure } from '../../verbs/failure.js'
import { installWim } from './layer/installed-layer.js'
import { readTar } from './layer/read-tar.js'
import { noise } from './source-tree.js'
import { wimlib } from './wimlib.js'

const NAMED = { name: 'x', version: '1.0' }

describeWithPeers(['wimlib-imagex'], 'a WIM that needs other files', () => {
  const folders = scratch()
  after(() => folders.remove())

  function tree(folder: string, files: Record<string, string | Buffer>): string {
    mkdirSync(folder, { recursive: true })
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes)
    return folder
  }

  async function contentsOf(file: string, ref?: string[]): Promise<Record<string, string>> {
    const store = path.join(folders.folder(), 'store')
    const { layer } = await installWim(file, store, { ...NAMED, ref })
    const files = readTar(layer).filter(({ type }) => type === '0')
    return Object.fromEntries(files.map(({ name, bytes }) => [path.basename(name), bytes.toString('latin1')]))
  }

  describe('a delta', () => {
    let folder = ''
    const at = (name: string): string => path.join(folder, name)
    const wanted = { same: 'same', other: 'other', own: 'own' }

    beforeEach(() => {
      folder = folders.folder()
      wimlib('capture', tree(at('a'), { same: 'same', gone: 'gone' }), at('base.wim'), 'base')
      wimlib('capture', tree(at('b'), { other: 'other' }), at('second.wim'), 'second')
      const all = tree(at('c'), wanted)
      const from = [`--delta-from=${at('base.wim')}`, `--delta-from=${at('second.wim')}`]
      wimlib('capture', all, at('delta.wim'), 'delta', ...from)
    })

    it('is complete with the WIMs that it was made against', async () => {
      const ref = [at('base.wim'), at('second.wim')]
      expect(await verify({ paths: [at('delta.wim')], ref })).to.include({ ok: true, blobs: 3 })
      expect(await contentsOf(at('delta.wim'), ref)).to.deep.equal(wanted)
      expect(await contentsOf(at('delta.wim'), [...ref].reverse())).to.deep.equal(wanted)
    })

    it('is complete with WIMs that are named together with it, in any order', async () => {
      const paths = ['delta.wim', 'second.wim', 'base.wim'].map(at)
      expect(await verify({ paths })).to.include({ ok: true })
      expect(await verify({ paths: [...paths].reverse() })).to.include({ ok: true })
      const store = at('store')
      const { images } = await install({ targets: paths, store, version: '1.0' })
      expect(images.map(({ name }) => name).sort()).to.deep.equal(['base', 'delta', 'second'])
      expect((await verify({ store })).ok).to.equal(true)
    })

    it('names the option that helps where one of them is missing', async () => {
      for (const ref of [[], [at('base.wim')]]) {
        const { problems } = await verify({ paths: [at('delta.wim')], ref })
        expect(problems.map(({ code }) => code)).to.include('BLOB_MISSING')
        const error = await install({ targets: [at('delta.wim')], store: at('store'), ...NAMED, ref }).catch(
          (reason) => reason,
        )
        expect(error).to.include({ code: 'BLOB_MISSING' })
        expect(error.remedy).to.contain('`ref`')
      }
    })

    it('is complete with the parts of a split one, by a pattern or one of them', async () => {
      const large = tree(at('large'), { 1: noise(700_000), 2: noise(600_001) })
      wimlib('capture', large, at('whole.wim'), 'whole', '--compress=none')
      wimlib('split', at('whole.wim'), at('part.swm'), '1')
      writeFileSync(path.join(large, '3'), 'third')
      wimlib('capture', large, at('split-delta.wim'), 'd', `--delta-from=${at('whole.wim')}`)
      rmSync(at('whole.wim'))
      const ref = [at('part*.swm')]
      expect(await verify({ paths: [at('split-delta.wim')], ref })).to.include({ ok: true, blobs: 3 })
      expect(Object.keys(await contentsOf(at('split-delta.wim'), ref))).to.have.members(['1', '2', '3'])
      for (const one of ['part.swm', 'part2.swm']) {
        const found = await verify({ paths: [at('split-delta.wim')], ref: [at(one)] })
        expect(found, one).to.include({ ok: true, blobs: 3 })
        expect(found.problems, one).to.deep.equal([])
      }
      const together = await verify({ paths: [at('split-delta.wim'), at('part2.swm')] })
      expect(together).to.include({ ok: true })
      const none = await verify({ paths: [at('split-delta.wim')], ref: [at('q?.swm')] }).catch((e) => e)
      expect(none).to.include({ code: 'PATH_NOT_FOUND' })
    })

    it('is complete with a solid one, and becomes an archive that is whole', async () => {
      wimlib('capture', at('a'), at('solid.esd'), 'solid', '--solid')
      wimlib('capture', at('c'), at('thin.wim'), 'thin', `--delta-from=${at('solid.esd')}`)
      const ref = [at('solid.esd')]
      expect(await contentsOf(at('thin.wim'), ref)).to.deep.equal(wanted)
      await save({
        names: [at('thin.wim')],
        path: at('thin.tar'),
        store: at('store'),
        format: 'oci-archive',
        requiredVersion: '1.0',
        version: '1.0',
        ref,
      })
      expect((await verify({ paths: [at('thin.tar')] })).ok).to.equal(true)
    })

    it('is saved as a whole WIM where what it lacks is named, and as it is where not', async () => {
      const request = { names: [at('delta.wim')], store: at('store'), requiredVersion: '1.0', version: '1.0' }
      await save({ ...request, path: at('whole.wim'), ref: [at('base.wim'), at('second.wim')] })
      expect(await verify({ paths: [at('whole.wim')] })).to.include({ ok: true, blobs: 3 })
      wimlib('verify', at('whole.wim'))
      expect(await contentsOf(at('whole.wim'))).to.deep.equal(wanted)
      await save({ ...request, path: at('copy.wim') })
      expect(readFileSync(at('copy.wim')).equals(readFileSync(at('delta.wim')))).to.equal(true)
      await save({
        names: [at('base.wim')],
        store: at('store'),
        version: '1.0',
        path: at('same.wim'),
        ref: [at('second.wim')],
      })
      expect(readFileSync(at('same.wim')).equals(readFileSync(at('base.wim')))).to.equal(true)
    })

    it('is said to be one where it is saved as it is, and others are not', async () => {
      const noted = async (
        name: string,
        more: { ref?: string[]; whatIf?: boolean } = {},
      ): Promise<string[]> => {
        const notes: string[] = []
        const onProgress = (event: ProgressEvent) => event.type === 'note' && notes.push(event.message)
        const names = [at(name)]
        const place = path.join(folders.folder(), 'x.wim')
        await save({ names, path: place, store: at('store'), version: '1.0', ...more, onProgress })
        return notes
      }
      for (const more of [{}, { whatIf: true }]) {
        const notes = await noted('delta.wim', more)
        expect(notes).to.have.length(1)
        expect(notes[0]).to.match(/^delta is a delta, and saved as it is: 2 of its contents are in the WIM/)
        expect(notes[0]).to.include('`ref`')
      }
      expect(await noted('base.wim')).to.deep.equal([])
      expect(await noted('delta.wim', { ref: [at('base.wim'), at('second.wim')] })).to.deep.equal([])
      expect(await noted('base.wim', { ref: [at('second.wim')] })).to.deep.equal([
        `\`ref\` ${at('second.wim')} was not needed: nothing lacked what it has.`,
      ])
    })

    it('has each file that is named for it looked at, and told where it is not needed or not there', async () => {
      const store = at('store')
      const notes: string[] = []
      const onProgress = (event: ProgressEvent) => event.type === 'note' && notes.push(event.message)
      const all = { ref: [at('second.wim'), at('b*.wim'), at('delta.wim')], ...NAMED }
      await install({ targets: [at('delta.wim')], store, ...all, onProgress })
      expect(notes).to.deep.equal([])
      await install({ targets: [at('base.wim')], store, ...NAMED, ref: [at('s*.wim')], onProgress })
      expect(notes).to.deep.equal([`\`ref\` ${at('s*.wim')} was not needed: nothing lacked what it has.`])
      const checked = await verify({ paths: [at('base.wim')], ref: [at('second.wim')] })
      expect(checked.ok).to.equal(true)
      expect(checked.notes?.join()).to.include('was not needed')
      const whole = await verify({ paths: [at('delta.wim')], ref: [at('base.wim'), at('second.wim')] })
      expect(whole.notes ?? []).to.deep.equal([])
      writeFileSync(at('text.wim'), 'no WIM')
      for (const ref of [[at('none.wim')], [at('text.wim')], [folder], [at('none*.wim')]])
        for (const step of [
          () => verify({ paths: [at('base.wim')], ref }),
          () => install({ targets: [at('base.wim')], store, ...NAMED, ref }),
          () => save({ names: [at('base.wim')], path: at('x.wim'), store, version: '1.0', ref }),
        ])
          expect((await failure(step(), 'PATH_NOT_FOUND')).message).to.include('names no WIM')
    })

    it('of two images becomes a whole WIM of two', async () => {
      wimlib(
        'append',
        tree(at('e'), { same: 'same', more: 'more' }),
        at('delta.wim'),
        'UtilityVM',
        `--delta-from=${at('base.wim')}`,
      )
      const ref = [at('base.wim'), at('second.wim')]
      await save({ names: [at('delta.wim')], store: at('store'), version: '1.0', path: at('two.wim'), ref })
      expect(await verify({ paths: [at('two.wim')] })).to.include({ ok: true, blobs: 4 })
      expect(await contentsOf(at('two.wim'))).to.deep.equal({ ...wanted, more: 'more' })
    })

    it('is damaged where what it borrows is', async () => {
      await damageWim(at('second.wim'))
      const { problems } = await verify({ paths: [at('delta.wim')], ref: [at('base.wim'), at('second.wim')] })
      expect(problems).to.have.length(1)
      expect(problems[0]?.message).to.contain('second.wim')
    })
  })

  describe('a split one', () => {
    let folder = ''
    let parts: string[] = []
    const files = { 1: noise(700_000), 2: noise(600_001), 3: noise(800_002) }

    beforeEach(() => {
      folder = folders.folder()
      const whole = path.join(folder, 'whole.wim')
      wimlib('capture', tree(path.join(folder, 'tree'), files), whole, 'whole', '--compress=none')
      wimlib('split', whole, path.join(folder, 'p.swm'), '1')
      rmSync(whole)
      parts = readdirSync(folder).filter((name) => name.endsWith('.swm'))
      expect(parts.length).to.be.greaterThan(2)
    })

    /** Under names that tell nothing, each where the function says. */
    function renamed(place: (i: number) => string): string[] {
      return parts.map((name, i) => {
        const target = path.join(folder, place(i))
        mkdirSync(path.dirname(target), { recursive: true })
        renameSync(path.join(folder, name), target)
        return target
      })
    }

    it('is whole under other names, by one part or all of them', async () => {
      const paths = renamed((i) => `part-0${i + 1}-x.swm`)
      for (const one of paths) expect(await verify({ paths: [one] })).to.include({ ok: true, blobs: 3 })
      expect(await verify({ paths })).to.include({ ok: true, blobs: 3 })
      expect(Object.keys(await contentsOf(paths[1] ?? ''))).to.have.members(['1', '2', '3'])
    })

    it('is whole in several folders where all parts are named, and one image', async () => {
      const paths = renamed((i) => `stick ${i}/${'zyx'.charAt(i)}.swm`).reverse()
      expect(await verify({ paths })).to.include({ ok: true, blobs: 3 })
      const { images } = await install({ targets: paths, store: path.join(folder, 'store'), ...NAMED })
      expect(images).to.have.length(1)
      expect(await inspect({ names: paths })).to.have.length(1)
      const [first = '', ...others] = paths
      expect(await verify({ paths: [first], ref: others })).to.include({ ok: true, blobs: 3 })
      const alone = await verify({ paths: [first] })
      expect(alone.problems[0]?.code).to.equal('BLOB_MISSING')
    })

    it('is saved as it is, all parts of it', async () => {
      const paths = renamed((i) => `${i}/same-name.swm`)
      const target = path.join(folder, 'out')
      mkdirSync(target)
      const saved = await save({
        names: paths,
        path: target,
        store: path.join(folder, 'store'),
        version: '1.0',
      })
      expect(saved.files).to.have.length(parts.length)
      expect(saved.files.map(({ path: file }) => existsSync(file))).not.to.include(false)
      expect(await verify({ paths: [saved.files[0]?.path ?? ''] })).to.include({ ok: true, blobs: 3 })
      expect(readFileSync(saved.files[0]?.path ?? '').equals(readFileSync(paths[0] ?? ''))).to.equal(true)
    })

    it('does not take the parts of another for its own', async () => {
      const other = path.join(folder, 'other.wim')
      wimlib('capture', path.join(folder, 'tree'), other, 'other', '--compress=none')
      const [first = ''] = renamed((i) => `p${i}.swm`)
      wimlib('split', other, path.join(folder, 'a.swm'), '1')
      rmSync(path.join(folder, 'p1.swm'))
      const { problems } = await verify({ paths: [first] })
      expect(problems.map(({ code }) => code)).to.deep.equal(['BLOB_MISSING'])
    })
  })
})
