import { type Browser, chromium } from 'playwright-core'
import { peer } from './peers.js'

/** Debian's Chromium without a window, and without asking for anything by itself. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: peer('chromium') ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
