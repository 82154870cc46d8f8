import { expect } from 'chai'
import { visibleRows } from '../../../cli/ui/page/parts/visible-rows.js'
import { differences, layerPairs } from '../../../cli/ui/page/views/differences.js'
import { chosenImages, listedImages, nameOfRow, sortedImages } from '../../../cli/ui/page/views/image-rows.js'
import type { ImageRow, Step } from '../../../cli/ui/protocol/actions.js'
import { factsOf, stepsWithLayers } from '../../../provider/shown/index.js'

function row(repository: string, tag: string, facts: Partial<ImageRow> = {}): ImageRow {
  const id = `sha256:${repository}${tag}`
  return {
    ...{ repository, tag, name: repository, version: tag, fullName: '', id, digest: id },
    ...{ created: '2024-01-01T00:00:00Z', os: 'linux', architecture: 'amd64' },
    ...facts,
  }
}

describe('the rows of the table', () => {
  const same = { id: 'sha256:1', digest: 'sha256:m' }
  const stored = [row('debian', '12.10', same), row('debian', '12.9'), row('debian', 'latest', same)]
  const docker = [row('debian', '12.10', { id: 'sha256:1', digest: '' }), row('alpine', '3.2')]
  const rows = listedImages(stored, [{ engine: 'docker', images: docker }, { engine: 'podman' }])

  it('are each name once, with all places where it is', () => {
    expect(rows.map(({ repository, tag, places }) => `${repository}:${tag} ${places}`)).to.deep.equal([
      'debian:12.10 store,docker',
      'debian:12.9 store',
      'debian:latest store',
      'alpine:3.2 docker',
    ])
  })

  it('say what latest means', () => {
    expect(rows.filter(({ isLatest }) => isLatest).map(({ tag }) => tag)).to.deep.equal(['12.10', 'latest'])
  })

  it('are searched by all words, in any case, and filtered by place', () => {
    const names = (text: string, where: 'all' | 'store' | 'engines' | 'latest' = 'all', os = ''): string[] =>
      chosenImages(rows, { text, os, where }).map(({ tag }) => tag)
    expect(names('DEB 12.1')).to.deep.equal(['12.10'])
    expect(names('deb alp')).to.deep.equal([])
    expect(names('', 'engines')).to.deep.equal(['12.10', '3.2'])
    expect(names('', 'latest')).to.deep.equal(['12.10', 'latest'])
    expect(names('', 'store', 'windows')).to.deep.equal([])
  })

  it('are sorted by numbers in names, and by what a column shows', () => {
    const tags = (key: string, isDown: boolean): string[] =>
      sortedImages(rows, { key, isDown }).map(({ tag }) => tag)
    expect(tags('name', false)).to.deep.equal(['3.2', 'latest', '12.10', '12.9'])
    expect(tags('tag', false)).to.deep.equal(['3.2', '12.9', '12.10', 'latest'])
    const sized = listedImages(
      [row('a', '1', { contentSize: 5 }), row('b', '1', { unpackedSize: 9, contentSize: 1 })],
      [],
    )
    expect(sortedImages(sized, { key: 'size', isDown: true }).map(nameOfRow)).to.deep.equal(['b:1', 'a:1'])
  })

  it('have a name that commands take, also without a tag', () => {
    expect(nameOfRow(row('<none>', '<none>', { digest: 'sha256:d' }))).to.equal('sha256:d')
  })
})

describe('the rows that are drawn', () => {
  it('are those that are seen, and a few more', () => {
    expect(visibleRows(10_000, 40, 0, 400)).to.deep.equal({ first: 0, end: 18 })
    expect(visibleRows(10_000, 40, 200_000, 400)).to.deep.equal({ first: 4992, end: 5018 })
    expect(visibleRows(10_000, 40, 399_600, 400)).to.deep.equal({ first: 9982, end: 10_000 })
    expect(visibleRows(0, 40, 0, 400)).to.deep.equal({ first: 0, end: 0 })
    // What was filtered away while the table was scrolled down.
    expect(visibleRows(3, 40, 399_600, 400)).to.deep.equal({ first: 3, end: 3 })
  })
})

describe('what the page reads of an image', () => {
  it('is nothing where the documents have another form', () => {
    for (const wrong of [
      undefined,
      null,
      1,
      'x',
      [],
      { layers: 1, config: 1, rootfs: [] },
      { layers: [null, 1] },
    ]) {
      const { settings, diffIds } = factsOf(wrong, wrong)
      expect(diffIds).to.deep.equal([])
      expect(settings.environment).to.deep.equal([])
      expect(settings.user).to.equal('')
    }
  })

  it('has each step beside its layer, and layers without a step at the end', () => {
    const step = (createdBy: string, emptyLayer = false): Step => ({
      created: '',
      createdBy,
      size: 0,
      comment: '',
      emptyLayer,
    })
    const layer = (digest: string): { digest: string; size: number; mediaType: string } => ({
      digest,
      size: 1,
      mediaType: '',
    })
    const pairs = stepsWithLayers(
      [step('c'), step('b', true), step('a')],
      [layer('1'), layer('2'), layer('3')],
    )
    expect(pairs.map((pair) => [pair.step?.createdBy, pair.layer?.digest])).to.deep.equal([
      ['a', '1'],
      ['b', undefined],
      ['c', '2'],
      [undefined, '3'],
    ])
  })
})

describe('two images beside each other', () => {
  const image = (
    layers: string[],
    diffIds: string[],
    Env: string[],
    Cmd: string[],
  ): ReturnType<typeof factsOf> =>
    factsOf(
      { layers: layers.map((digest) => ({ digest, size: 1, mediaType: 'x' })) },
      { rootfs: { diff_ids: diffIds }, config: { Env, Cmd } },
    )
  const a = image(['1', '2'], ['d1', 'd2'], ['P=1', 'A=1'], ['a', 'b'])
  const b = image(['9', '3'], ['d1', 'd3'], ['P=1', 'B=1'], ['a', 'c'])

  it('share a layer that is compressed in two ways', () => {
    expect(layerPairs(a, b).map(({ layer, where }) => `${layer.digest} ${where}`)).to.deep.equal([
      '1 shared',
      '2 onlyA',
      '3 onlyB',
    ])
  })

  it('differ in what the other has not; a command differs as a whole', () => {
    expect(differences(a.settings, b.settings)).to.deep.equal([
      { setting: 'command', a: ['a', 'b'], b: ['a', 'c'] },
      { setting: 'environment', a: ['A=1'], b: ['B=1'] },
    ])
    expect(differences(a.settings, a.settings)).to.deep.equal([])
  })
})
