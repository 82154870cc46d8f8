import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openRealWindow } from '../../test/cli/ui/real-window.js'
import { makeManyNames } from '../../test/fixtures/many-names.js'
import { startChromium } from '../../test/peers/chromium.js'
import { optionIn, remove } from './measure.js'

/**
 * How long Chromium takes from one frame to the next while the table of images in the window is scrolled from its top
 * to its end and back: with the wheel, and with keys that are held down. `--images N`, default 10000.
 */
const args = process.argv.slice(3)
const images = Number(optionIn(args, 'images') ?? 10_000)
/** At 60 frames a second. */
const FRAME_MS = 1000 / 60
const WHEEL_TURNS = 120
const KEYS = 120
const PATIENCE_MS = 300_000

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'containerimage-bench-'))
  const store = path.join(folder, 'store')
  makeManyNames(store, images)
  const window = await openRealWindow({ store, home: folder })
  const browser = await startChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(PATIENCE_MS)
    const began = performance.now()
    await page.goto(window.address)
    await page.locator('tbody tr').first().waitFor()
    console.log(`\nThe table of ${images} images is there after ${(performance.now() - began).toFixed(0)} ms`)
    const frames = async (title: string, act: () => Promise<void>): Promise<void> => {
      await page.evaluate(WATCH_FRAMES)
      await act()
      print(title, (await page.evaluate('window.endFrames()')) as number[])
    }
    await page.locator('.scroller').hover()
    for (const step of [200, 5000])
      await frames(`wheel, ${step} pixels a turn`, async () => {
        for (let i = 0; i < WHEEL_TURNS; i++) await page.mouse.wheel(0, i < WHEEL_TURNS / 2 ? step : -step)
      })
    await page.locator('tbody tr a').first().focus()
    for (const key of ['PageDown', 'ArrowDown'])
      await frames(`key ${key}`, async () => {
        for (let i = 0; i < KEYS; i++) await page.keyboard.press(key)
      })
  } finally {
    await browser.close()
    await window.stop()
    remove(folder)
  }
}

/** Keeps the milliseconds between frames until they are asked for. */
const WATCH_FRAMES = `{
  const times = []
  let before = performance.now()
  let isOver = false
  const frame = (now) => {
    times.push(now - before)
    before = now
    if (!isOver) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  window.endFrames = () => {
    isOver = true
    return times.slice(1)
  }
}`

function print(title: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  const late = times.filter((time) => time > FRAME_MS * 1.5).length
  console.log(
    `  ${title.padEnd(28)} ${times.length} frames: median ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms, longest ${at(1)} ms, ${late} late`,
  )
}
