import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, uninstall } from '../../../../provider/index.js'
import { type MadeLayer, makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

/** Layers of Windows bring changes of the registry in `Hives`, beside `Files`. */
describe('the registry in layers that are laid out', () => {
  const folders = scratch()
  after(() => folders.remove())

  const laidOut = async (...layers: MadeLayer['files'][]): Promise<{ image: string; store: string }> => {
    const folder = folders.folder()
    const store = path.join(folder, 'store')
    makeLayout(path.join(folder, 'layout'), [
      {
        refName: 'servercore:10.0.20348.1',
        platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.1' },
        layers: layers.map((files) => ({ files })),
      },
    ])
    const { expanded } = await install({ targets: [path.join(folder, 'layout')], store, expand: true })
    return { image: expanded?.[0]?.path ?? '', store }
  }
  const hives = (image: string): string[] => readdirSync(path.join(image, 'Hives')).sort()
  const CONFIG = 'Files/Windows/System32/config'

  it('lie in Hives, as the layer has them', async () => {
    const { image } = await laidOut(
      { 'Files/Windows/a.txt': 'a' },
      { 'Files/Windows/b.txt': 'b', 'Hives/Sam_Delta': 'sam', 'Hives/System_Delta': 'system' },
    )
    expect(hives(image)).to.deep.equal(['Sam_Delta', 'System_Delta'])
    expect(readFileSync(path.join(image, 'Hives/Sam_Delta'), 'utf8')).to.equal('sam')
    expect(readFileSync(path.join(image, 'Files/Windows/a.txt'), 'utf8')).to.equal('a')
  })

  it('lie beside the bases that are made of the image, which no layer can give', async () => {
    const { image } = await laidOut(
      { [`${CONFIG}/SAM`]: 'base of the image', 'Hives/Sam_Base': 'of a layer' },
      { 'Hives/Sam_Delta': 'sam' },
    )
    expect(hives(image)).to.deep.equal(['Sam_Base', 'Sam_Delta'])
    expect(readFileSync(path.join(image, 'Hives/Sam_Base'), 'utf8')).to.equal('base of the image')
  })

  it('are of the last layer that brings them, and go with a whiteout', async () => {
    const { image } = await laidOut(
      { 'Files/a': 'a', 'Hives/Sam_Delta': 'old', 'Hives/Security_Delta': 'gone' },
      { 'Hives/Sam_Delta': 'new', 'Hives/.wh.Security_Delta': '' },
    )
    expect(hives(image)).to.deep.equal(['Sam_Delta'])
    expect(readFileSync(path.join(image, 'Hives/Sam_Delta'), 'utf8')).to.equal('new')
  })

  it('go with the image', async () => {
    const { image, store } = await laidOut({ 'Files/a': 'a' }, { 'Hives/Sam_Delta': 'sam' })
    await uninstall({ name: 'servercore', store })
    expect(existsSync(image)).to.equal(false)
  })
})
