import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { POWERSHELL_NAMES } from '../../cli/words/powershell-names.js'
import { VERSION } from '../../manifests/program.js'

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

  it('has the version that the program says', () => {
    expect(VERSION).to.equal(manifest.version)
  })

  it('puts the command, its short name and every PowerShell name on the PATH', () => {
    const cmdlets = Object.keys(POWERSHELL_NAMES).map((name) => [name, `dist/bin/${name.toLowerCase()}.js`])
    expect(manifest.bin).to.deep.equal({
      containerimage: 'dist/bin/containerimage.js',
      cimg: 'dist/bin/containerimage.js',
      ...Object.fromEntries(cmdlets),
    })
  })

  it('names programs that begin as scripts and stand for their verb', () => {
    for (const [name, verb] of Object.entries(POWERSHELL_NAMES)) {
      const source = readFileSync(`dist/cli/powershell/${name.toLowerCase()}.js`, 'utf8')
      expect(source).to.match(/^#!\/usr\/bin\/env node\n/)
      expect(source).to.contain(`start(process.argv.slice(2), '${verb}')`)
    }
  })
})
