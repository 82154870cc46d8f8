import { expect } from 'chai'
import { nodeArchive } from '../../../provider/tool/node-archive.js'
import { failure } from '../verbs/failure.js'

describe('the name of an archive of Node', () => {
  it('says version, machine and form', () => {
    expect(nodeArchive('node-v20.19.5-linux-x64.tar.xz')).to.deep.equal({
      fileName: 'node-v20.19.5-linux-x64.tar.xz',
      folder: 'node-v20.19.5-linux-x64',
      version: '20.19.5',
      system: 'linux',
      architecture: 'x64',
      format: 'tar.xz',
    })
    expect(nodeArchive('node-v22.20.0-win-arm64.zip')).to.include({ system: 'win', architecture: 'arm64' })
    expect(nodeArchive('node-v24.0.0-darwin-arm64.tar.gz')).to.include({ system: 'darwin', format: 'tar.gz' })
    expect(nodeArchive('node-v20.17.0-linux-armv7l.tar.gz').version).to.equal('20.17.0')
  })

  for (const name of [
    'node-v20.19.5.tar.gz',
    'node-v20.19.5-headers.tar.gz',
    'node-v20.19.5-x64.msi',
    'node-v20.19.5-win-x64.7z',
    'node-v20.19.5-win-x64.tar.gz',
    'node-v20.19.5-linux-x64.zip',
    'node-v20.19.5-linux-x64-musl.tar.xz',
    "node-v20.19.5-linux-x64';reboot;'.tar.xz",
    'nodejs.tar.xz',
  ])
    it(`is not ${name}`, async () => {
      const error = await failure((async () => nodeArchive(name))(), 'NODE_ARCHIVE_UNKNOWN')
      expect(error.remedy).to.contain('node-v20.19.5-linux-x64.tar.xz')
    })

  it('is not that of a Node that is too old', async () => {
    for (const version of ['20.16.0', '18.20.8', '4.9.1'])
      expect(
        (
          await failure(
            (async () => nodeArchive(`node-v${version}-linux-x64.tar.xz`))(),
            'NODE_ARCHIVE_UNKNOWN',
          )
        ).expected,
      ).to.equal('Node 20.17 or newer')
  })
})
