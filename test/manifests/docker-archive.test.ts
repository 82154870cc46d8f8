import { expect } from 'chai'
import { LIMITS, parseDockerArchive } from '../../manifests/index.js'
import { bytes } from './documents.js'
import { placesOf, refusal } from './refusal.js'

const image = (change: Record<string, unknown> = {}) => ({
  Config: 'abc.json',
  RepoTags: ['debian:12', 'debian:latest'],
  Layers: ['1/layer.tar', '2/layer.tar'],
  ...change,
})
const places = (value: unknown) => placesOf(() => parseDockerArchive(bytes(value)))

describe('manifest.json of a docker archive', () => {
  it('lists images, in their order', () => {
    const images = [image(), image({ Config: 'blobs/sha256/def' })]
    expect(parseDockerArchive(bytes(images))).to.deep.equal(images)
    expect(parseDockerArchive(bytes([]))).to.deep.equal([])
  })

  it('may say more, as docker does since version 25', () => {
    const more = {
      Parent: '',
      LayerSources: { 'sha256:a': { mediaType: 'a/b', size: 1, digest: 'sha256:a' } },
    }
    expect(parseDockerArchive(bytes([image(more)]))).to.deep.equal([image()])
  })

  it('names an image without names and without layers as docker does', () => {
    for (const nothing of [null, undefined])
      expect(parseDockerArchive(bytes([image({ RepoTags: nothing, Layers: nothing })]))).to.deep.equal([
        { Config: 'abc.json', RepoTags: null, Layers: [] },
      ])
  })

  it('tells everything that is wrong at once', () => {
    const wrong = [
      image({ Config: undefined }),
      image({ Config: null, RepoTags: [1], Layers: 'x' }),
      7,
      image({ config: 'x' }),
      image({ Layers: Array(LIMITS.layers + 1).fill('x') }),
    ]
    expect(places(wrong)).to.deep.equal([
      '[0].Config',
      '[1].Config',
      '[1].RepoTags',
      '[1].Layers',
      '[2]',
      '[3]',
      '[4].Layers',
    ])
  })

  it('may spell its members as Go reads them, each in one way', () => {
    const { Config, RepoTags, Layers } = image()
    for (const spelled of [
      { config: Config, repoTags: RepoTags, layers: Layers },
      { CONFIG: Config, REPOTAGS: RepoTags, Layers },
      { Config, repotags: RepoTags, 'Layer\u017f': Layers },
    ])
      expect(parseDockerArchive(bytes([spelled]))).to.deep.equal([image()])
    expect(places([{ config: Config, cONFIG: Config, Layers }])).to.deep.equal(['[0]'])
    expect(places([{ Config, Layers, layers: [] }])).to.deep.equal(['[0]'])
  })

  it('may name as many layers as a manifest', () => {
    const Layers = Array(LIMITS.layers).fill('x')
    expect(parseDockerArchive(bytes([image({ Layers })]))[0]?.Layers).to.have.lengthOf(LIMITS.layers)
  })

  it('is a list', () => {
    for (const value of [{}, 'x', null, 1]) expect(places(JSON.stringify(value))).to.deep.equal(['(whole)'])
  })

  it('names each thing once', () => {
    expect(places('[{"Config":"a","Config":"b","Layers":[]}]')).to.deep.equal(['[0].Config'])
  })

  it('is limited in its size', () => {
    refusal(() => parseDockerArchive(Buffer.alloc(LIMITS.indexBytes + 1, ' ')), 'DOCUMENT_TOO_LARGE')
  })
})
