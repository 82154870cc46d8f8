import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ANNOTATIONS } from '../../manifests/index.js'
import { install } from '../../provider/index.js'
import { type MadeLayer, makeLayout } from '../fixtures/layout.js'
import { listing } from './attack.js'
import { END, type HostileMember, member } from './tar-builder.js'

export const WINDOWS = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' }
/** The folder in which an image that `windowsLayout` made is laid out. */
export const LAID_OUT = 'CN=Unknown_evil_1.0'
export const REPORT = 'not-held-by-this-file-system.txt'
/** What the program itself writes into it. */
export const OURS = ['version.wcx', 'metadata.json', REPORT]

export const folder = (name: string): HostileMember => ({ name, type: '5' })
export const file = (name: string, text: string): HostileMember => ({ name, bytes: Buffer.from(text) })
export const symlink = (name: string, linkName: string): HostileMember => ({ name, type: '2', linkName })
export const hardLink = (name: string, linkName: string): HostileMember => ({ name, type: '1', linkName })

/** What an image of Windows begins with. */
export const BASE = [
  'Files/',
  'Files/Windows/',
  'Files/Windows/System32/',
  'Files/Windows/System32/config/',
].map(folder)

/** A layer of members that may be anything; a Buffer is headers and bytes as they are. */
export function layerOf(...members: (HostileMember | Buffer)[]): Buffer {
  return Buffer.concat([...members.map((one) => (Buffer.isBuffer(one) ? one : member(one))), END])
}

/** An OCI layout with one image of Windows, `evil:1.0`, in a folder. */
export function windowsLayout(
  place: string,
  layers: Buffer[],
  compression: MadeLayer['compression'] = 'none',
  edition?: string,
): string {
  makeLayout(place, [
    {
      refName: 'evil:1.0',
      platform: WINDOWS,
      layers: layers.map((tar) => ({ files: {}, tar, compression })),
      ...(edition === undefined ? {} : { manifestAnnotations: { [ANNOTATIONS.edition]: edition } }),
    },
  ])
  return place
}

/** A folder with a store, and what a user has beside it. */
export interface Host {
  /** Where a user has what no image should get at. */
  home: string
  /** Lays an image of these layers out, and says that nothing in `home` is other than before. */
  layOut(layers: (HostileMember | Buffer)[][], edition?: string): Promise<string>
}

export function hostAt(above: string): Host {
  const home = path.join(above, 'home')
  mkdirSync(path.join(home, 'Windows/System32/config'), { recursive: true })
  writeFileSync(path.join(home, 'authorized_keys'), 'mine\n')
  for (const name of ['SYSTEM', 'SAM'])
    writeFileSync(path.join(home, 'Windows/System32/config', name), 'secret')
  return {
    home,
    async layOut(layers, edition) {
      const before = listing(home)
      const tars = layers.map((members) => layerOf(...members))
      const layout = windowsLayout(path.join(above, 'layout'), tars, 'none', edition)
      try {
        await install({ targets: [layout], store: path.join(above, 'store'), expand: true })
      } finally {
        expect(listing(home)).to.deep.equal(before)
      }
      return path.join(above, 'images', LAID_OUT)
    },
  }
}
