import path from 'node:path'
import { save } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'

/** In a folder: a layout of an image with a large layer and a small one, and the 7z that is saved of it. */
export async function savedSevenZip(folder: string): Promise<{ layout: string; ours: string }> {
  const layout = path.join(folder, 'layout')
  makeLayout(layout, [
    {
      refName: 'base:1.0',
      layers: [{ files: { large: 9_000_000 }, compression: 'none' }, { files: { 'etc/motd': 'small' } }],
    },
  ])
  const ours = path.join(folder, 'ours.7z')
  await save({ names: [layout], path: ours })
  return { layout, ours }
}
