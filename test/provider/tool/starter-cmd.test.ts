import { expect } from 'chai'
import { nodeArchive } from '../../../provider/tool/node-archive.js'
import { starterCmd } from '../../../provider/tool/starter-cmd.js'

describe('containerimage.cmd', () => {
  const sha256 = 'ab'.repeat(32)
  const text = starterCmd([
    { archive: nodeArchive('node-v20.19.5-win-x64.zip'), sha256 },
    { archive: nodeArchive('node-v22.20.0-win-arm64.zip'), sha256 },
    { archive: nodeArchive('node-v20.19.5-linux-x64.tar.xz'), sha256 },
  ])
  const lines = text.split('\r\n')

  it('is plain ASCII, and every line ends as cmd.exe wants it', () => {
    expect(text).to.match(/^[\r\n\x20-\x7e]*$/)
    expect(text.replaceAll('\r\n', '')).not.to.match(/[\r\n]/)
  })

  it('goes to labels that exist, each once', () => {
    const labels = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1))
    const targets = [...text.matchAll(/goto (\w+)/g)].map(([, label]) => label)
    expect(new Set(labels).size).to.equal(labels.length)
    expect(labels).to.include.members(targets)
  })

  it('chooses among the archives for Windows by the machine', () => {
    expect(lines).to.include('if /i "%MACHINE%"=="AMD64" set "FOLDER=node-v20.19.5-win-x64"')
    expect(lines).to.include('if /i "%MACHINE%"=="ARM64" set "FOLDER=node-v22.20.0-win-arm64"')
    expect(lines).to.include(`if /i "%MACHINE%"=="ARM64" set "SHA256=${sha256}"`)
    expect(text).not.to.contain('linux')
  })

  it('starts the programs of the system by their full path, and none of the current folder', () => {
    for (const name of ['certutil', 'findstr', 'tar'])
      for (const line of lines.filter((one) => new RegExp(`\\b${name}\\b.* -|\\b${name} `).test(one)))
        if (!line.startsWith('rem ')) expect(line).to.contain(`"%SYSTEM%\\${name}.exe"`)
    expect(lines).to.include('set "SYSTEM=%SystemRoot%\\System32"')
    expect(lines).to.include('set "NoDefaultCurrentDirectoryInExePath=1"')
  })

  it('quotes every path, and hands the words on as they are', () => {
    for (const line of lines.filter((one) => !one.startsWith('echo')))
      for (const [, name] of line.matchAll(/%(HERE|PLACE|TEMPORARY|NODE)%/g)) {
        const at = line.indexOf(`%${name}%`)
        const quotes = line.slice(0, at).split('"').length - 1
        expect(quotes % 2, line).to.equal(1)
      }
    expect(lines).to.include('"%NODE%" "%HERE%containerimage.mjs" %*')
  })
})
