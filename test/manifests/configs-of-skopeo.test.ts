import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  blobPath,
  digestOf,
  hasCode,
  indexBytes,
  LAYOUT_BYTES,
  MEDIA_TYPES,
  parseConfig,
} from '../../manifests/index.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { bytes, config, DIGEST, descriptor, manifest } from './documents.js'

/** Configs that are unusual, and whether skopeo can read them. */
const CONFIGS: [what: string, change: Record<string, unknown>, taken: boolean][] = [
  ['only what a config needs', {}, true],
  ['an item of Env without =', { config: { Env: ['FOO', '=x', ''] } }, true],
  [
    'null for each setting',
    { config: { User: null, Env: null, Cmd: null, Labels: null, Volumes: null } },
    true,
  ],
  ['a label that is null', { config: { Labels: { a: null } } }, true],
  ['null as its settings', { config: null }, true],
  ['null as its time', { created: null }, true],
  ['an empty time', { created: '' }, false],
  ['a time without a zone', { created: '2020-01-01T00:00:00' }, false],
  ['a day that does not exist', { created: '2020-02-30T00:00:00Z' }, false],
  ['the hour 24', { created: '2020-02-20T24:00:00Z' }, false],
  ['an empty time in its history', { history: [{ created: '' }] }, false],
  ['null as its history', { history: null }, true],
  [
    'null for each member of a step',
    { history: [{ created: null, created_by: null, empty_layer: null }] },
    true,
  ],
  ['no os', { os: undefined }, true],
  ['no architecture', { architecture: undefined }, true],
  ['null as os', { os: null }, true],
  ['null as variant', { variant: null, 'os.features': null }, true],
  ['a number as os', { os: 1 }, false],
  ['no diff ids', { rootfs: { type: 'layers' } }, true],
  ['null as diff ids', { rootfs: { type: 'layers', diff_ids: null } }, true],
  ['a text as Cmd', { config: { Cmd: '/bin/sh' } }, false],
  ['a number as User', { config: { User: 1234 } }, false],
  ['a number as a label', { config: { Labels: { a: 1 } } }, false],
  ['a list as Volumes', { config: { Volumes: ['/a'] } }, false],
]

/** Where ours and skopeo differ, on purpose. */
const DIFFERENCES: [what: string, change: Record<string, unknown>, skopeoTakes: boolean, because: string][] =
  [
    [
      'another type of rootfs',
      { rootfs: { type: 'layers+base', diff_ids: [DIGEST] } },
      true,
      'config.md: an error',
    ],
    [
      'no type of rootfs',
      { rootfs: { diff_ids: [DIGEST] } },
      true,
      'config.md: required; no writer leaves it out',
    ],
    ['null as a step of its history', { history: [null] }, true, 'config.md: objects; no writer makes it'],
    ['a time in lower case', { created: '2020-02-20t20:00:00z' }, false, 'RFC 3339, section 5.6, allows it'],
  ]

describeWithPeers(['skopeo'], 'a config that skopeo reads', () => {
  const folders = scratch()
  after(() => folders.remove())

  for (const [what, change, taken] of CONFIGS)
    it(`${taken ? 'is taken' : 'is refused, as skopeo does,'} with ${what}`, () => {
      expect(skopeoTakes(folders.folder(), change)).to.equal(taken)
      expect(oursTakes(change)).to.equal(taken)
    })

  for (const [what, change, skopeo, because] of DIFFERENCES)
    it(`is ${skopeo ? 'refused' : 'taken'} all the same with ${what} (${because})`, () => {
      expect(skopeoTakes(folders.folder(), change)).to.equal(skopeo)
      expect(oursTakes(change)).to.equal(!skopeo)
    })
})

function oursTakes(change: Record<string, unknown>): boolean {
  try {
    parseConfig(bytes(config(change)))
    return true
  } catch (error) {
    if (hasCode(error, 'INVALID_DOCUMENT')) return false
    throw error
  }
}

/** Makes an image layout with the config, and lets skopeo describe its image. */
function skopeoTakes(folder: string, change: Record<string, unknown>): boolean {
  mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true })
  const add = (blob: Buffer) => {
    writeFileSync(path.join(folder, blobPath(digestOf(blob))), blob)
    return { digest: digestOf(blob), size: blob.length }
  }
  const image = add(bytes(config(change)))
  const root = add(bytes(manifest({ config: descriptor({ mediaType: MEDIA_TYPES.ociConfig, ...image }) })))
  const entry = { mediaType: MEDIA_TYPES.ociManifest, ...root }
  writeFileSync(path.join(folder, 'index.json'), indexBytes({ schemaVersion: 2, manifests: [entry] }))
  writeFileSync(path.join(folder, 'oci-layout'), LAYOUT_BYTES)
  try {
    expect(runPeer('skopeo', ['inspect', `oci:${folder}`])).to.contain(root.digest)
    return true
  } catch (error) {
    expect((error as Error).message).to.match(/parsing time|cannot unmarshal/)
    return false
  }
}
