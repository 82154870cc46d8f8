import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { parseMediaList } from '../../../../manifests/index.js'
import { page as pageOf } from '../../../../provider/formats/media/page/page.js'
import { save } from '../../../../provider/index.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { tar } from '../../../fixtures/tar.js'
import { startChromium } from '../../../peers/chromium.js'
import { describeWithPeers } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'

const HOSTILE = '<img src=x onerror=alert(1)>"\'&\u001b[31m\u202e</td><script>alert(2)</script>'

describe('markup of the page', () => {
  it('asks for nothing: no script, no address, and a policy that forbids both', () => {
    const text = Buffer.concat([...pageOf({ images: [], files: [], command: 'containerimage' })]).toString(
      'utf8',
    )
    expect(text).to.contain("default-src 'none'")
    expect(text).not.to.match(/<script|https?:|\bsrc=/i)
  })

  it('comes in pieces, each of them small, and every image and file once', () => {
    const image = (at: number) => ({
      name: `app${at}`,
      version: '1.0',
      fullName: '',
      tag: `app${at}:1.0`,
      platform: 'linux/amd64',
      digest: `sha256:${'0'.repeat(64)}`,
      mediaType: '',
      size: 1,
      source: '',
      saved: '',
      savedBy: '',
      layers: [],
      history: [],
    })
    const images = Array.from({ length: 300 }, (_, at) => image(at))
    const files = images.map(({ tag }) => ({ path: `file-${tag}`, size: 1, sha256: '0'.repeat(64) }))
    const pieces = [...pageOf({ images, files, command: 'containerimage' })]
    expect(pieces.length).to.be.greaterThan(3)
    expect(Math.max(...pieces.map(({ length }) => length))).to.be.lessThan(128 * 1024)
    const text = Buffer.concat(pieces).toString('utf8')
    for (const { name, tag } of images) {
      expect(text.split(`<h3>${name} 1.0</h3>`), name).to.have.length(2)
      expect(text.split(`file-${tag}<`), tag).to.have.length(2)
    }
    expect(text.trimEnd()).to.match(/<\/html>$/)
  })
})

describeWithPeers(['chromium'], 'the packages on the page of a media', () => {
  const temporary = scratch()
  let browser: Browser
  const dpkg = [
    ...['adduser', 'bash', 'libc6'].map(
      (name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0\n`,
    ),
    `Package: hostile\nStatus: install ok installed\nVersion: 1:<script>alert(1)</script>\n`,
  ].join('\n')

  before(async () => {
    browser = await startChromium()
  })
  after(async () => {
    await browser?.close()
    temporary.remove()
  })

  async function opened(javaScriptEnabled: boolean): Promise<{ page: Page; close(): Promise<void> }> {
    const place = temporary.folder()
    const [layout, stick] = [path.join(place, 'layout'), path.join(place, 'stick')]
    mkdirSync(stick)
    addLayered(layout, {
      name: 'app',
      version: '1.0',
      layers: [{ tar: tar({ name: 'var/lib/dpkg/status', bytes: dpkg }) }],
    })
    await save({
      names: [layout],
      path: stick,
      format: 'media',
      sbom: true,
      store: path.join(place, 'store'),
    })
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    page.on('dialog', () => {
      throw new Error('a text became a script')
    })
    await page.goto(pathToFileURL(path.join(stick, 'index.html')).href)
    return { page, close: () => context.close() }
  }

  it('are all there without a script', async () => {
    const { page, close } = await opened(false)
    const rows = await page.locator('#packages-0 tbody tr').allInnerTexts()
    expect(rows).to.have.length(4)
    expect(rows.join()).to.contain('<script>alert(1)</script>')
    expect(await page.locator('input').isVisible()).to.equal(false)
    await close()
  })

  it('are filtered by what is typed, by the only script that the policy allows', async () => {
    const { page, close } = await opened(true)
    const visible = () => page.locator('#packages-0 tbody tr:visible').allInnerTexts()
    await page.getByLabel('Filter').fill('LIBC')
    expect((await visible()).map((row) => row.split(/\s/)[0])).to.deep.equal(['libc6'])
    expect(await page.locator('[role=status]').innerText()).to.equal('1 of 4')
    await page.getByLabel('Filter').fill('')
    expect(await visible()).to.have.length(4)
    await page
      .evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hit = 1' }))",
      )
      .catch(() => {})
    expect(await page.evaluate('window.hit')).to.equal(undefined)
    await close()
  })
})

describeWithPeers(['chromium'], 'the page of a media, in a browser', () => {
  const temporary = scratch()
  let stick: string
  let browser: Browser

  before(async () => {
    const folder = path.join(temporary.folder(), 'layout')
    stick = path.join(temporary.folder(), 'stick')
    mkdirSync(stick)
    makeLayout(folder, [
      { refName: 'debian:12.5', layers: [{ files: { base: 300_000 } }, { files: { own: 'own' } }] },
      {
        refName: 'hostile:1.0',
        layers: [{ files: { file: 'x' } }],
        config: {
          history: [{ created_by: HOSTILE, comment: HOSTILE }],
          config: { Cmd: [HOSTILE], Env: [`A=${HOSTILE}`], Labels: { label: HOSTILE } },
        },
      },
    ])
    await save({ names: [folder], path: stick, format: 'media' })
    browser = await startChromium()
  })
  after(async () => {
    await browser?.close()
    temporary.remove()
  })

  async function opened(
    options: { width?: number; colorScheme?: 'light' | 'dark' },
    check: (page: Page, requests: string[]) => Promise<void>,
  ): Promise<void> {
    const { width = 1280, colorScheme = 'light' } = options
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    try {
      const page = await context.newPage()
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      page.on('dialog', () => requests.push('a dialog'))
      await page.goto(pathToFileURL(path.join(stick, 'index.html')).href)
      await check(page, requests)
    } finally {
      await context.close()
    }
  }

  async function textOf(page: Page): Promise<string> {
    return await page.innerText('body')
  }

  it('asks for no file and no address but itself', async () => {
    await opened({}, async (page, requests) => {
      expect(requests.filter((url) => !url.startsWith('data:'))).to.deep.equal([page.url()])
      expect(await page.locator('script').count()).to.equal(0)
    })
  })

  it('has the numbers of the file list', async () => {
    const list = parseMediaList(readFileSync(path.join(stick, 'media.json')))
    await opened({}, async (page) => {
      const text = await textOf(page)
      const rows = await page.getByRole('table', { name: 'Files' }).locator('tbody tr').allInnerTexts()
      const others = list.files.filter((file) => file.path !== 'index.html')
      expect(rows.map((row) => row.split(/\s+/).filter((word) => word !== ''))).to.deep.equal(
        others.map((file) => [file.path, String(file.size), file.sha256]),
      )
      const bytes = others.reduce((sum, file) => sum + file.size, 0)
      expect(text).to.contain(`${list.images.length} images, ${others.length} files`)
      expect(text).to.contain(`(${bytes} bytes)`)
      for (const { name, version, platform, size, digest, fullName, source, saved } of list.images)
        for (const fact of [
          `${name} ${version}`,
          platform,
          `(${size} bytes)`,
          digest,
          fullName,
          source,
          saved,
        ])
          expect(text).to.contain(fact)
    })
  })

  it('shows labels that would be markup as text', async () => {
    await opened({}, async (page, requests) => {
      const text = await textOf(page)
      expect(text).to.contain('<img src=x onerror=alert(1)>"\'&?[31m?</td><script>alert(2)</script>')
      for (const fact of ['A=<img', 'label=<img']) expect(text).to.contain(fact)
      expect(await page.locator('img').count()).to.equal(0)
      expect(requests).not.to.include('a dialog')
    })
  })

  for (const width of [1280, 768, 390])
    for (const colorScheme of ['light', 'dark'] as const)
      it(`fits ${width} pixels and is ${colorScheme} where the reader's system is`, async () => {
        await opened({ width, colorScheme }, async (page) => {
          const [needed, there] = (await page.evaluate(
            '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
          )) as [number, number]
          expect(needed).to.be.at.most(there)
          const brightness = await page.evaluate(
            'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3',
          )
          if (colorScheme === 'dark') expect(brightness).to.be.lessThan(60)
          else expect(brightness).to.be.greaterThan(200)
          if (process.env.SCREENSHOTS)
            writeFileSync(
              path.join(process.env.SCREENSHOTS, `page-${width}-${colorScheme}.png`),
              await page.screenshot({ fullPage: true }),
            )
        })
      })

  it('prints black on white with everything open', async () => {
    await opened({ colorScheme: 'dark' }, async (page) => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).to.equal(
        'rgb(255, 255, 255)',
      )
      expect(await page.locator('details:not([open])').count()).to.equal(0)
    })
  })
})
