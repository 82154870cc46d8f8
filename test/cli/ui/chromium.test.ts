import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Descriptor } from '../../../manifests/index.js'
import { get, install, push, save, verify } from '../../../provider/index.js'
import { withAttestation } from '../../fixtures/indexed-layouts.js'
import { addIndex, makeLayout, writeIndex } from '../../fixtures/layout.js'
import { makeManyNames } from '../../fixtures/many-names.js'
import { startChromium } from '../../peers/chromium.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { type HeldRegistry, heldRegistry } from './held-registry.js'
import { openRealWindow, type RealWindow, type RealWindowOptions } from './real-window.js'
import { axeFindings, expectQuiet, type WatchedPage, watchedPage } from './watched-page.js'

const HOSTILE = '<img src=x onerror=alert(1)>"\'&\u202e</td><script>alert(2)</script>'
const IMG = '<img src=x onerror=alert(1)>'
const STATUS =
  'Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4+deb12u5\n\n'
const OS_RELEASE = 'ID=debian\nVERSION_ID="12"\n'
/** As osv.dev publishes them. */
const ADVISORY = {
  id: 'CVE-2024-0001',
  modified: '2024-11-01T00:00:00Z',
  published: '2024-10-01T00:00:00Z',
  summary: 'A made one <img src=x>',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [
    {
      package: { ecosystem: 'Debian:12', name: 'base-files' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '13' }] }],
    },
  ],
}
const MANY = 10_000

describeWithPeers(['chromium', 'docker-registry'], 'the window in Chromium', () => {
  const temporary = scratch()
  let home: string
  let store: string
  let browser: Browser
  let registry: DockerRegistry
  let held: HeldRegistry
  let window: RealWindow
  let shown: WatchedPage | undefined
  const others: RealWindow[] = []

  before(async () => {
    home = temporary.folder()
    store = path.join(home, 'store')
    await fillStore(home, store)
    registry = await startDockerRegistry({ parent: home })
    held = await heldRegistry(registry.host)
    await push({ names: [path.join(home, 'large')], registry: registry.host })
    addSource(home, 'plant', `http://${held.host}`)
    browser = await startChromium()
    window = await openRealWindow({ store, home, args: ['--allow-changes'] })
  })
  afterEach(async () => {
    await shown?.close()
    shown = undefined
    for (const other of others.splice(0)) await other.stop()
  })
  after(async () => {
    await browser?.close()
    expect(await window?.stop()).to.equal(0)
    await held?.stop()
    await registry?.stop()
    temporary.remove()
  })

  /** Another window, for one test. */
  async function openedBeside(options: RealWindowOptions): Promise<RealWindow> {
    const other = await openRealWindow(options)
    others.push(other)
    return other
  }

  async function opened(place = '', options: BrowserContextOptions = {}): Promise<Page> {
    shown = await watchedPage(browser, window, options)
    if (place !== '') await shown.page.goto(`${window.origin}/#/${place}`)
    return shown.page
  }

  function nothingLeft(): void {
    if (shown) expectQuiet(shown, window)
  }

  it('takes the token out of the address, and keeps it when it is loaded again', async () => {
    const page = await opened()
    expect(page.url()).to.equal(`${window.origin}/#/images`)
    await page.reload()
    await rowOf(page, 'debian').first().waitFor()
    nothingLeft()
  })

  it('says what to do where the token is another one', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${window.origin}/#token=wrong`)
    await page.getByRole('alert').waitFor()
    await shows(page, 'main', 'Start it again')
    await context.close()
  })

  it('lists, searches, sorts and filters images', async () => {
    const page = await opened()
    await rowOf(page, 'debian').first().waitFor()
    expect(await page.getByRole('status').first().innerText()).to.equal('8 images')
    await page.getByLabel('Search by name').fill('DEBIAN 12.5')
    expect(await names(page)).to.deep.equal(['debian'])
    await page.getByLabel('Search by name').fill('')
    await page.getByLabel('Show').selectOption('latest')
    expect((await names(page)).length).to.be.lessThan(8)
    await page.getByLabel('Show').selectOption('all')
    await page.getByRole('button', { name: 'Size' }).click()
    const sizes = await sizesOf(page)
    expect(sizes).to.deep.equal([...sizes].sort((a, b) => b - a))
    await page.getByRole('button', { name: 'Size' }).click()
    expect(await sizesOf(page)).to.deep.equal([...sizes].sort((a, b) => a - b))
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).to.equal('ascending')
    nothingLeft()
  })

  it('goes through the rows by keyboard', async () => {
    const page = await opened()
    await rowOf(page, 'debian').first().locator('a').focus()
    await page.keyboard.press('End')
    await rowIsFocused(page, '7')
    await page.keyboard.press('ArrowUp')
    await rowIsFocused(page, '6')
    await page.keyboard.press('Home')
    await rowIsFocused(page, '0')
    await page.keyboard.press('Enter')
    await page.getByRole('tablist').waitFor()
    await page.getByRole('tab').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('tab', { name: 'Layers and history', selected: true }).waitFor()
  })

  it('shows an image, whose hostile names and labels stay text', async () => {
    const page = await opened('image?name=hostile:1.0')
    await page.getByText('sha256:').first().waitFor()
    await page.getByRole('tab', { name: 'Layers' }).click()
    await page.locator('table.short').waitFor()
    await shows(page, 'main', '<img src=x onerror=alert(1)>"\'&?</td><script>alert(2)</script>')
    await page.getByRole('tab', { name: 'Configuration' }).click()
    await page.getByText('evil=').waitFor()
    await shows(page, 'main', '<img src=x onerror=alert(1)>')
    for (const tab of ['Goes with it', 'Receipts', 'Overview'])
      await page.getByRole('tab', { name: tab }).click()
    expect(await page.locator('main img').count()).to.equal(0)
    expect(await page.locator('script').count()).to.equal(1)
    nothingLeft()
  })

  it('goes through the folders of an image, searches them, and takes a file out', async () => {
    const page = await opened('image?name=tree:1.0')
    await page.getByRole('tab', { name: 'Files' }).click()
    await page.getByRole('button', { name: 'etc/' }).click()
    await page.getByText('os-release').waitFor()
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download /etc/os-release' }).click()
    const download = await downloading
    expect(download.suggestedFilename()).to.equal('os-release')
    expect(readFileSync(await download.path(), 'utf8')).to.equal(OS_RELEASE)
    await page.getByLabel('Search in all folders').fill('img')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('1 entries').waitFor()
    await shows(page, 'tbody', '/srv/<img src=x onerror=alert(1)>')
    await page.getByLabel('Search in all folders').fill('nothing-of-this-name')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('Nothing was found').waitFor()
    expect(await axeFindings(page)).to.deep.equal([])
    nothingLeft()
  })

  it('lists the packages of an image, and says what is missing to tell its vulnerabilities', async () => {
    const page = await opened('image?name=tree:1.0')
    await page.getByRole('tab', { name: 'Packages' }).click()
    await page.getByText('1 packages').waitFor()
    expect(await page.locator('tbody').innerText()).to.match(/base-files\s+12\.4\+deb12u5\s+deb/)
    expect(await axeFindings(page)).to.deep.equal([])
    await page.getByRole('tab', { name: 'Vulnerabilities' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).to.match(/[A-Z]+_[A-Z]+ .*database/i)
    await shows(page, '.command', 'containerimage vulnerabilities tree:1.0')
    nothingLeft()
  })

  it('shows the vulnerabilities of an image, by severity', async () => {
    const env = { CONTAINERIMAGE_DATABASE: path.join(home, 'advisories.db') }
    const advisories = path.join(home, 'osv')
    mkdirSync(advisories)
    writeFileSync(path.join(advisories, 'CVE-2024-0001.json'), JSON.stringify(ADVISORY))
    const warned = await openedBeside({ store, home, env, args: ['--allow-changes'] })
    shown = await watchedPage(browser, warned)
    const { page } = shown
    await page.goto(`${warned.origin}/#/image?name=tree:1.0`)
    await page.getByRole('tab', { name: 'Vulnerabilities' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByText('Add advisories to the database').click()
    await page.getByLabel('File or folder').fill(advisories)
    await shows(page, 'details .command', `containerimage database add ${advisories}`)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('1 advisories were added.').waitFor()
    await page.getByText('CVE-2024-0001').waitFor()
    expect(await page.locator('.bars li').first().innerText()).to.match(/critical\s+1/)
    expect(await page.locator('tbody').innerText())
      .to.contain('<img src=x>')
      .and.to.contain('13')
    expect(await axeFindings(page)).to.deep.equal([])
    expectQuiet(shown, warned)
  })

  it('shows what a build attests of an image, beside what was found in it', async () => {
    const page = await opened('image?name=multi:1.0')
    await page.getByRole('tab', { name: 'Goes with it' }).click()
    await page.getByText('https://spdx.dev/Document').waitFor()
    await page.getByRole('tab', { name: 'Packages' }).click()
    await page.getByText('A SPDX list goes with it: 1 packages, 0 of them were found as well.').click()
    await page.getByText('pkg:deb/debian/other@1.0').waitFor()
    expect(await axeFindings(page)).to.deep.equal([])
    nothingLeft()
  })

  it('gives an image another name, and takes it away again', async () => {
    const page = await opened('image?name=debian:12.5')
    await page.getByRole('button', { name: 'Add a name' }).click()
    await page.getByLabel('New name').fill('debian:kept')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await get({ store })).map(({ tag }) => tag)).to.include('kept')
    await page.goto(`${window.origin}/#/image?name=debian:kept`)
    await page.getByRole('button', { name: 'Uninstall' }).click()
    await page.getByText('stays under its other names').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Uninstall', exact: true }).click()
    await page.waitForURL(/#\/images$/)
    expect((await get({ store })).map(({ tag }) => tag)).not.to.include('kept')
    nothingLeft()
  })

  it('finds an image in a registry, and saves it; cancels, and continues', async () => {
    const page = await opened('find')
    await page.getByLabel('Source').selectOption('plant')
    await page.getByLabel('Name or reference').fill('arge')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('button', { name: /^Add to basket/ }).click()
    await shows(page, '.basket li', '/large:1.0')
    const stick = path.join(home, 'stick')
    await page.getByLabel('Where to').fill(stick)
    await page.getByLabel('Format').selectOption('media')
    await page.getByLabel('Overwrite').check()
    held.hold(1_000_000)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await held.stopped()
    await page.getByRole('progressbar').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Cancelled').waitFor()
    held.release()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText(/^Saved$/).waitFor()
    expect((await verify({ paths: [stick], store })).ok).to.equal(true)
    await shows(page, 'aside .command', `--path ${stick} --format media --force`)
    nothingLeft()
  })

  it('saves what is installed, with recovery files beside it', async () => {
    const page = await opened('image?name=tree:1.0')
    await page.getByRole('button', { name: 'Add to basket' }).click()
    await page.getByRole('link', { name: 'Find and save' }).click()
    const file = path.join(home, 'kept', 'tree.tar')
    mkdirSync(path.dirname(file))
    await page.getByLabel('Where to').fill(file)
    await page.getByLabel('Format').selectOption('oci-archive')
    await page.getByLabel('Recovery files').selectOption('10%')
    await shows(page, 'aside .command', '--recovery 10%')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page
      .locator('aside .good')
      .getByRole('row', { name: /^tree 1\.0 / })
      .waitFor()
    expect(readdirSync(path.dirname(file)).some((name) => name.endsWith('.par2'))).to.equal(true)
    nothingLeft()
  })

  it('goes on with a save while another view is shown, and finds it again after a reload', async () => {
    const page = await opened('find')
    await page.getByLabel('Source').selectOption('plant')
    await page.getByLabel('Name or reference').fill('large')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('button', { name: /^Add to basket/ }).click()
    await page.getByLabel('Where to').fill(path.join(home, 'other.tar'))
    held.hold(1_000_000)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await held.stopped()
    await page.getByRole('link', { name: 'Compare' }).click()
    await page.getByRole('complementary').getByRole('progressbar').waitFor()
    await page.reload()
    await page.getByRole('complementary').getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    held.release()
    nothingLeft()
  })

  it('checks a file and shows what is in it before it is installed', async () => {
    const page = await opened('install')
    await page.getByLabel('File or folder').fill(path.join(home, 'new.tar'))
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).to.equal(true)
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('Every byte is right').waitFor()
    await page.getByText('This would be installed').waitFor()
    await page.getByRole('row', { name: /^fresh 1\.0 / }).waitFor()
    expect((await get({ store })).map(({ repository }) => repository)).not.to.include('fresh')
    const receipts = path.join(home, 'receipt.json')
    await page.getByLabel('Receipt to').fill(receipts)
    await shows(page, 'main .command', `--receipt ${receipts}`)
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.getByText(`The receipt is in ${receipts}`).waitFor()
    expect(readFileSync(receipts, 'utf8')).to.contain('fresh')
    expect((await get({ store })).map(({ repository }) => repository)).to.include('fresh')
    nothingLeft()
  })

  it('does not offer to install what is damaged', async () => {
    const page = await opened('install')
    await page.getByLabel('File or folder').fill(path.join(home, 'damaged.tar'))
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('problems were found').waitFor()
    await shows(page, 'main', 'DIGEST_MISMATCH')
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).to.equal(true)
  })

  it('checks and installs a dropped file', async () => {
    const page = await opened('install')
    await page.locator('input[type=file]').setInputFiles(path.join(home, 'dropped.tar'))
    await page.getByText('This would be installed').waitFor()
    await shows(page, 'main', 'dropped.tar')
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.getByText(/^Installed/).waitFor()
    expect((await get({ store })).map(({ repository }) => repository)).to.include('dropped')
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByLabel('File or folder').waitFor()
    nothingLeft()
  })

  it('compares two images', async () => {
    const page = await opened('compare')
    await page.getByLabel('First image').fill('debian:12.5')
    await page.getByLabel('Second image').fill('debian:12.6')
    await page.locator('form').getByRole('button', { name: 'Compare' }).click()
    await page.getByText('1 of 3 layers are shared').waitFor()
    const text = await page.innerText('main')
    expect(text).to.contain('RELEASE=12.5').and.to.contain('RELEASE=12.6')
    expect(text).not.to.contain('PATH=/usr/bin')
    await page.getByRole('table', { name: 'Differences in files' }).waitFor()
    const rows = await page
      .getByRole('table', { name: 'Differences in files' })
      .locator('tbody tr')
      .allInnerTexts()
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2).join(' '))).to.deep.equal([
      '/12.5 removed',
      '/12.6 added',
    ])
    await shows(page, '.command', 'containerimage diff debian:12.5 debian:12.6')
    nothingLeft()
  })

  it('shows which hosts of a site have what was sent', async () => {
    const page = await opened('site')
    await page.getByLabel('What was sent').fill(path.join(home, 'sent'))
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('rowheader', { name: 'plant-7' }).waitFor()
    expect(await page.getByRole('cell', { name: 'delivered' }).count()).to.equal(1)
    nothingLeft()
  })

  it('copies the command line that does the same', async () => {
    const page = await opened('', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).to.equal(
      `containerimage get --store ${store}`,
    )
  })

  it('is in Korean for whoever reads it', async () => {
    const page = await opened('', { locale: 'ko-KR' })
    await page.getByRole('heading', { name: '이미지' }).waitFor()
    await page.waitForFunction('document.documentElement.lang === "ko"')
    await page.getByRole('link', { name: '찾기와 저장' }).click()
    await page.getByRole('heading', { name: '바구니' }).waitFor()
  })

  it('offers nothing that changes anything where it only looks', async () => {
    const reading = await openedBeside({ store, home })
    shown = await watchedPage(browser, reading)
    const { page } = shown
    await page.getByText('Read only').waitFor()
    await page.goto(`${reading.origin}/#/image?name=debian:12.5`)
    await page.getByRole('tablist').waitFor()
    expect(await page.getByRole('button', { name: /Uninstall|Add a name/ }).count()).to.equal(0)
    await page.goto(`${reading.origin}/#/install`)
    await page.getByLabel('File or folder').fill(path.join(home, 'new.tar'))
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('This would be installed').waitFor()
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).to.equal(true)
    expectQuiet(shown, reading)
  })

  const PLACES: [place: string, ready: (page: Page) => Promise<void>][] = [
    ['images', async (page) => await page.locator('table.long').waitFor()],
    ['image?name=debian:12.5', async (page) => await page.getByText('sha256:').first().waitFor()],
    [
      'find',
      async (page) => {
        await page.getByLabel('Source').selectOption('plant')
        await page.getByRole('button', { name: 'Search' }).click()
        await page
          .getByRole('button', { name: /^Add to basket/ })
          .first()
          .click()
      },
    ],
    [
      'install',
      async (page) => {
        await page.getByLabel('File or folder').fill(path.join(home, 'new.tar'))
        await page.getByRole('button', { name: 'Check' }).click()
        await page.getByText('This would be installed').waitFor()
      },
    ],
    [
      'compare?a=debian:12.5&b=debian:12.6',
      async (page) => await page.getByText('layers are shared').waitFor(),
    ],
    [
      'site',
      async (page) => {
        await page.getByLabel('What was sent').fill(path.join(home, 'sent'))
        await page.getByRole('button', { name: 'Show' }).click()
        await page.getByRole('rowheader', { name: 'plant-7' }).waitFor()
      },
    ],
  ]
  for (const [place, ready] of PLACES)
    for (const colorScheme of ['light', 'dark'] as const)
      it(`has nothing that axe finds, and fits every width: ${place}, ${colorScheme}`, async () => {
        const page = await opened(place, { colorScheme })
        await ready(page)
        for (const width of [320, 1280, 2560]) {
          await page.setViewportSize({ width, height: 900 })
          const [needed, there] = (await page.evaluate(
            '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
          )) as [number, number]
          expect(needed, `${width}`).to.be.at.most(there)
          if (width !== 2560) expect(await axeFindings(page), `${width}`).to.deep.equal([])
          if (process.env.SCREENSHOTS)
            await page.screenshot({
              path: path.join(process.env.SCREENSHOTS, `${place.split('?')[0]}-${width}-${colorScheme}.png`),
            })
        }
        nothingLeft()
      })

  it(`draws only what is seen of ${MANY} images`, async () => {
    const many = path.join(home, 'many')
    makeManyNames(many, MANY)
    const large = await openedBeside({ store: many, home })
    shown = await watchedPage(browser, large)
    const { page } = shown
    await page.getByText('10,000 images').waitFor({ timeout: 240_000 })
    expect(await page.locator('tbody tr').count()).to.be.lessThan(80)
    expect(await page.locator('table').getAttribute('aria-rowcount')).to.equal(`${MANY + 1}`)
    await rowOf(page, 'image-00000').locator('a').focus()
    await page.keyboard.press('End')
    await rowIsFocused(page, `${MANY - 1}`)
    await rowOf(page, 'image-09999').waitFor()
    await page.evaluate('document.querySelector(".scroller").scrollTop = 5000 * 42')
    await rowOf(page, 'image-05000').waitFor()
    expect(await page.locator('tbody tr').count()).to.be.lessThan(80)
    await page.getByLabel('Search by name').fill('image-0123')
    await page.getByText('10 of 10,000 images').waitFor()
    expectQuiet(shown, large)
  })
})

function rowOf(page: Page, name: string): ReturnType<Page['locator']> {
  return page.locator('tbody tr', { hasText: name })
}

async function names(page: Page): Promise<string[]> {
  return await page.locator('tbody .c-name a').allInnerTexts()
}

async function sizesOf(page: Page): Promise<number[]> {
  const units: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6 }
  const texts = await page.locator('tbody .c-size').allInnerTexts()
  return texts.map((text) => Number.parseFloat(text) * (units[text.split(' ')[1] ?? ''] ?? Number.NaN))
}

/** Waits for a text, as the page draws after it was told; fails with what is there. */
async function shows(page: Page, place: string, text: string): Promise<void> {
  const found = page.locator(place).first()
  await page
    .locator(place)
    .filter({ hasText: text })
    .first()
    .waitFor()
    .catch(() => {})
  expect(await found.innerText()).to.contain(text)
}

/** The page moves the focus when it has drawn the row. Fails, with the row that has it, where it never comes there. */
async function rowIsFocused(page: Page, row: string): Promise<void> {
  const focused = 'document.activeElement?.closest("[data-row]")?.dataset.row'
  await page.waitForFunction(`${focused} === ${JSON.stringify(row)}`).catch(() => {})
  expect(await page.evaluate(focused)).to.equal(row)
}

/** What the tests look at: images that share a layer, a hostile one, files to install, a media that came back. */
async function fillStore(home: string, store: string): Promise<void> {
  const base = { files: { base: 300_000 } }
  const version = (tag: string): Parameters<typeof makeLayout>[1][number] => ({
    refName: `debian:${tag}`,
    layers: [base, { files: { [tag]: tag === '12.5' ? 5000 : 90_000 } }],
    config: { config: { Env: ['PATH=/usr/bin', `RELEASE=${tag}`] } },
  })
  const layout = path.join(home, 'layout')
  // The same layer in both: random bytes only once.
  base.files.base = Buffer.alloc(300_000, 'base') as never
  makeLayout(layout, [
    version('12.5'),
    version('12.6'),
    {
      refName: 'tree:1.0',
      layers: [
        {
          files: {
            'etc/os-release': OS_RELEASE,
            'etc/passwd': 'root:x:0:0\n',
            'var/lib/dpkg/status': STATUS,
            [`srv/${IMG}`]: 'x',
          },
        },
      ],
    },
    {
      refName: 'hostile:1.0',
      layers: [{ files: { file: 'x' } }],
      config: {
        config: { Labels: { evil: HOSTILE } },
        history: [{ created_by: HOSTILE, comment: HOSTILE }],
      },
    },
  ])
  await install({ targets: [layout], store })
  await install({ targets: [attested(path.join(home, 'built'))], store, allPlatforms: true, noLatest: true })
  for (const [name, size] of [
    ['large', 9_000_000],
    ['fresh', 50_000],
    ['dropped', 50_000],
  ] as const)
    makeLayout(path.join(home, name), [{ refName: `${name}:1.0`, layers: [{ files: { [name]: size } }] }])
  await save({ names: [path.join(home, 'fresh')], path: path.join(home, 'new.tar'), store })
  await save({ names: [path.join(home, 'dropped')], path: path.join(home, 'dropped.tar'), store })
  const damaged = readFileSync(path.join(home, 'new.tar'))
  damaged.fill(0, damaged.length - 40_000, damaged.length - 39_000)
  writeFileSync(path.join(home, 'damaged.tar'), damaged)
  const sent = path.join(home, 'sent')
  mkdirSync(sent)
  await save({ names: [path.join(home, 'fresh')], path: sent, format: 'media', store })
  await install({ targets: [sent], store: path.join(home, 'other'), receipt: sent, receiptHost: 'plant-7' })
}

/** An image in an index, with what its build says of it. */
function attested(folder: string): string {
  const [root] = makeLayout(folder, [
    { layers: [{ files: { 'etc/os-release': OS_RELEASE, 'var/lib/dpkg/status': STATUS } }] },
  ])
  const platform = { os: 'linux', architecture: 'amd64' }
  writeIndex(folder, [addIndex(folder, [{ ...(root as Descriptor), platform }])])
  const purl = { referenceType: 'purl', referenceLocator: 'pkg:deb/debian/other@1.0' }
  const predicate = { spdxVersion: 'SPDX-2.3', packages: [{ externalRefs: [purl] }] }
  return withAttestation(folder, 'there', JSON.stringify({ predicate }))
}

function addSource(home: string, name: string, location: string): void {
  runTool(home, ['source', 'add', name, location])
}

/** The one file, with the settings of the window. */
function runTool(home: string, words: string[], more: NodeJS.ProcessEnv = {}): void {
  const env = { ...process.env, HOME: home, CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'), ...more }
  const program = path.resolve('dist/containerimage.mjs')
  const { status, stderr } = spawnSync(process.execPath, [program, ...words], { env, encoding: 'utf8' })
  expect(status, stderr).to.equal(0)
}
