import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { RealWindow } from './real-window.js'

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')
/** Longer than anything takes on a machine with much else to do. */
const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 300_000)

/** A page in a context of its own, of which everything it asks for and complains of is kept. */
export interface WatchedPage {
  page: Page
  requests: string[]
  complaints: string[]
  close(): Promise<void>
}

export async function watchedPage(
  browser: Browser,
  window: RealWindow,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const [requests, complaints]: string[][] = [[], []]
  page.on('request', (request) => requests?.push(request.url()))
  page.on('dialog', () => complaints?.push('a dialog'))
  page.on('pageerror', (error) => complaints?.push(error.message))
  page.on('console', (message) => {
    // Chromium also tells of answers that are errors, which the page shows.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints?.push(message.text())
  })
  await page.goto(window.address)
  await page.locator('main h1').waitFor()
  return { page, requests: requests ?? [], complaints: complaints ?? [], close: () => context.close() }
}

/** What axe finds wrong with a page as it is now, each with the first element that has it. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')
  const { violations } = found as { violations: { id: string; help: string; nodes: { html: string }[] }[] }
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`)
}

/** Nothing left this machine's server, and nothing broke. */
export function expectQuiet({ requests, complaints }: WatchedPage, window: RealWindow): void {
  expect(requests.filter((url) => !url.startsWith(`${window.origin}/`))).to.deep.equal([])
  expect(complaints).to.deep.equal([])
}
