import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { find } from '../../../../provider/index.js'
import { restoreEnvironment } from '../../../environment.js'
import { scratch } from '../../../scratch.js'

describe('find, where no registry can be reached', () => {
  const temporary = scratch()
  const before_ = { ...process.env }
  let proxy: net.Server
  let connections = 0

  before(async () => {
    proxy = net.createServer((socket) => {
      connections++
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const place = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const home = temporary.folder()
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy']) process.env[name] = place
    for (const name of ['NO_PROXY', 'no_proxy']) delete process.env[name]
    process.env.HOME = home
    process.env.XDG_DATA_HOME = path.join(home, 'data')
    process.env.LOCALAPPDATA = path.join(home, 'data')
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
  })
  after(async () => {
    restoreEnvironment(before_)
    await new Promise((resolve) => proxy.close(resolve))
    temporary.remove()
  })

  it('shows the list that ships, says so, and asks the registry no more for each image in it', async () => {
    const asked: number[] = []
    for (const allVersions of [false, true]) {
      connections = 0
      const { images, notes } = await find({ names: ['debian'], allVersions })
      expect(notes).to.have.length(1)
      expect(notes[0]).to.match(/^No network: showing the list as of /)
      expect(images.length).to.be.greaterThan(allVersions ? 1 : 0)
      for (const image of images) expect(image).not.to.have.property('digest')
      asked.push(connections)
    }
    expect(asked[1]).to.equal(asked[0])
    expect(asked[0]).to.be.greaterThan(0)
  })
})
