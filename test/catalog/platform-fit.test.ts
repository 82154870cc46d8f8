import { expect } from 'chai'
import { fits } from '../../catalog/platform-fit.js'
import { parsePlatform } from '../../manifests/index.js'

const runs = (machine: string, image: string) => fits(parsePlatform(machine), parsePlatform(image))

describe('whether a machine runs an image by itself', () => {
  it('is so for each build of Windows up to its own, whatever the revision', () => {
    for (const build of ['10.0.20348.1', '10.0.20348.9999', '10.0.20347.9999', '10.0.17763.1', '6.3.99999.1'])
      expect(runs('windows/amd64:10.0.20348.500', `windows/amd64:${build}`), build).to.equal(true)
  })

  it('is not so for a build that is one above, or more', () => {
    for (const build of ['10.0.20349.1', '10.0.20349', '10.0.26100.1', '10.1.1.1', '11.0.1.1'])
      expect(runs('windows/amd64:10.0.20348.500', `windows/amd64:${build}`), build).to.equal(false)
  })

  it('is so where either does not say its build', () => {
    expect(runs('windows/amd64', 'windows/amd64:10.0.20348.1')).to.equal(true)
    expect(runs('windows/amd64:10.0.20348.1', 'windows/amd64')).to.equal(true)
  })

  it('is so for a variant up to its own, and for none above', () => {
    expect(runs('linux/arm/v7', 'linux/arm/v7')).to.equal(true)
    expect(runs('linux/arm/v7', 'linux/arm/v6')).to.equal(true)
    expect(runs('linux/arm/v6', 'linux/arm/v7')).to.equal(false)
    expect(runs('linux/amd64', 'linux/amd64/v2')).to.equal(false)
  })
})
