import path from 'node:path'
import { expect } from 'chai'
import type { Browser } from 'playwright-core'
import { get, install } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { startChromium } from '../../peers/chromium.js'
import { type Docker, startDocker } from '../../peers/engines.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { openRealWindow, type RealWindow } from './real-window.js'
import { axeFindings, expectQuiet, watchedPage } from './watched-page.js'

describeWithPeers(['chromium', 'dockerd'], 'the window beside an engine', () => {
  const temporary = scratch()
  let docker: Docker
  let browser: Browser
  let window: RealWindow
  let store: string

  before(async () => {
    const home = temporary.folder()
    store = path.join(home, 'store')
    const layout = path.join(home, 'layout')
    makeLayout(layout, [{ refName: 'app:1.0', layers: [{ files: { 'bin/app': 'x' } }] }])
    await install({ targets: [layout], store, noLatest: true })
    docker = await startDocker()
    browser = await startChromium()
    const env = { DOCKER_HOST: `unix://${docker.socket}` }
    window = await openRealWindow({ store, home, args: ['--allow-changes'], env })
  })
  after(async () => {
    await browser?.close()
    await window?.stop()
    await docker?.stop()
    temporary.remove()
  })

  it('loads an image into it, and shows which images its containers are of', async () => {
    const shown = await watchedPage(browser, window, { viewport: { width: 1600, height: 900 } })
    const { page } = shown
    await page.goto(`${window.origin}/#/image?name=app:1.0`)
    await page.getByRole('button', { name: 'Load into an engine' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('containerimage load app:1.0 --engine docker').waitFor()
    expect(await axeFindings(page)).to.deep.equal([])
    await dialog.getByRole('button', { name: 'Load into an engine' }).click()
    await dialog.getByText('docker has it as docker.io/library/app:1.0').waitFor()
    for (const _ of [1, 2]) docker.docker('create', '--network', 'none', 'app:1.0', '/bin/app')
    await page.goto(`${window.origin}/#/images`)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.locator('tbody tr', { hasText: 'docker' }).getByText('2', { exact: true }).waitFor()
    await page.getByLabel('Show').selectOption('used')
    await page.getByText('1 images').waitFor()
    expectQuiet(shown, window)
    await shown.close()
    const environment = { engine: 'docker' as const, engineAddress: docker.socket }
    expect((await get(environment)).map(({ containers }) => containers)).to.deep.equal([2])
  })
})
