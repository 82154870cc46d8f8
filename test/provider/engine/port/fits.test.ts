import path from 'node:path'
import { expect } from 'chai'
import type { Platform } from '../../../../manifests/index.js'
import { planCopy } from '../../../../provider/copy/plan.js'
import { checkFits } from '../../../../provider/engine/port/fits.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { tarOf } from '../../../fixtures/layout.js'
import { openLayout } from '../../../fixtures/sample.js'
import { scratch } from '../../../scratch.js'
import { expectError, failure } from '../../conformance.js'

const LINUX: Platform = { os: 'linux', architecture: 'amd64' }
const windows = (build: number): Platform => ({
  os: 'windows',
  architecture: 'amd64',
  'os.version': `10.0.${build}.1`,
})

describe('whether an engine can run an image', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  async function check(image: Platform, engine: Platform): Promise<void> {
    const folder = path.join(temporary.folder(), 'layout')
    const root = addLayered(folder, {
      name: 'base',
      version: '1',
      platform: image,
      layers: [{ tar: tarOf({ a: 'b' }) }],
    })
    const names = [{ repository: 'base', tag: '1' }]
    const plan = await planCopy(await openLayout(folder), [{ root, names, platform: image, annotations: {} }])
    checkFits({ label: 'docker', platform: engine }, plan)
  }

  it('runs its own system, whatever the machine', async () => {
    await check(LINUX, LINUX)
    await check({ os: 'linux', architecture: 'arm64' }, LINUX)
  })

  it('refuses Windows on Linux and Linux on Windows', async () => {
    expectError(await failure(() => check(windows(20348), LINUX)), 'PLATFORM_NOT_FOUND', 'destination')
    expectError(await failure(() => check(LINUX, windows(20348))), 'PLATFORM_NOT_FOUND', 'destination')
  })

  it('takes a Windows that is as old as the host or older', async () => {
    await check(windows(20348), windows(20348))
    await check(windows(17763), windows(20348))
  })

  it('refuses a Windows that is newer than the host, and says both', async () => {
    const error = await failure(() => check(windows(26100), windows(20348)))
    expectError(error, 'PLATFORM_NOT_FOUND', 'destination')
    expect(error.expected).to.equal('windows/amd64:10.0.20348.1')
    expect(error.found).to.equal('windows/amd64:10.0.26100.1')
    expect(error.remedy).to.contain('20348').and.contain('26100')
  })
})
