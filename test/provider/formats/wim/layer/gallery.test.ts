import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { find, install, save } from '../../../../../provider/index.js'
import { describeWithPeers } from '../../../../peers/peers.js'
import { scratch } from '../../../../scratch.js'
import { makeTree } from '../source-tree.js'
import { wimlib } from '../wimlib.js'
import { installWim } from './installed-layer.js'

describeWithPeers(['wimlib-imagex'], 'a gallery as the original provider had it', () => {
  const folders = scratch()
  let folder = ''
  let wim = ''
  let server: Server
  let source = ''

  before(async () => {
    folder = folders.folder()
    await makeTree(path.join(folder, 'tree'), { system: 200_000, program: 100_000 })
    wim = path.join(folder, 'gallery.wim')
    // A WIM that says neither name nor version: the index does.
    wimlib('capture', path.join(folder, 'tree'), wim, '', '--norpfix', '--image-property=WINDOWS/ARCH=9')
    server = createServer((request, response) => {
      if (request.url === '/index.json') response.end(JSON.stringify(index()))
      else response.end(readFileSync(wim))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    source = `${base()}/index.json`
  })
  after(() => {
    server.close()
    folders.remove()
  })

  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const index = () => [
    {
      Name: 'NanoServer',
      Version: '10.0.14300.1010',
      Description: 'Nano Server',
      SasToken: `${base()}/base.wim?sv=1&sig=secret`,
    },
  ]

  it('offers a WIM that find lists, install fetches and save copies as it is', async () => {
    const { images } = await find({ source })
    expect(images.map(({ name, version }) => [name, version])).to.deep.equal([
      ['NanoServer', '10.0.14300.1010'],
    ])
    const store = path.join(folder, 'store')
    const platform = 'windows/amd64'
    const installed = await install({ targets: ['NanoServer'], source, store, platform })
    expect(installed.images[0]?.fullName).to.equal('CN=Microsoft_NanoServer_10.0.14300.1010')
    const local = { name: 'NanoServer', version: '10.0.14300.1010' }
    expect(installed.images[0]?.digest).to.equal(
      (await installWim(wim, path.join(folder, 'b'), local)).digest,
    )
    expect(readdirSync(path.join(store, 'ingest'))).to.deep.equal([])
    const usb = path.join(folder, 'usb')
    await mkdir(usb)
    const nowhere = path.join(folder, 'nowhere')
    const saved = await save({ names: ['NanoServer'], source, path: usb, store: nowhere, platform })
    const file = path.join(usb, 'NanoServer-10-0-14300-1010.wim')
    const sha256 = createHash('sha256').update(readFileSync(wim)).digest('hex')
    expect(saved.files).to.deep.include({ path: file, size: readFileSync(wim).length, sha256 })
    expect(readFileSync(file).equals(readFileSync(wim))).to.equal(true)
    expect(existsSync(nowhere)).to.equal(false)
  })
})
