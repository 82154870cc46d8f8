import path from 'node:path'
import { expect } from 'chai'
import { get, install, save } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { type Firefox, startFirefox } from '../../peers/firefox.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { openRealWindow, type RealWindow } from './real-window.js'

describeWithPeers(['firefox-esr'], 'the window in Firefox', () => {
  const temporary = scratch()
  let home: string
  let store: string
  let firefox: Firefox
  let window: RealWindow

  before(async () => {
    home = temporary.folder()
    store = path.join(home, 'store')
    for (const name of ['there', 'fresh', 'other'])
      makeLayout(path.join(home, name), [
        { refName: `${name}:1.0`, layers: [{ files: { 'etc/motd': '<b>hello</b>' } }] },
      ])
    await install({ targets: [path.join(home, 'there')], store })
    await install({ targets: [path.join(home, 'other')], store, noLatest: true })
    await save({ names: [path.join(home, 'fresh')], path: path.join(home, 'fresh.tar'), store })
    window = await openRealWindow({ store, home, args: ['--allow-changes'] })
    firefox = await startFirefox(temporary.folder())
  })
  after(async () => {
    await firefox?.stop()
    await window?.stop()
    temporary.remove()
  })

  it('lists what is installed, and takes the token out of the address', async () => {
    await firefox.goTo(window.address)
    const names = await firefox.until(
      'document.querySelector("tbody .c-name") && [...document.querySelectorAll("tbody .c-name a")].map((one) => one.innerText)',
    )
    expect(names).to.deep.equal(['other', 'there', 'there'])
    expect(await firefox.until('location.href')).to.equal(`${window.origin}/#/images`)
  })

  it('searches in the list', async () => {
    await firefox.until(
      '(() => { const field = document.querySelector("input[type=search]"); field.value = "oth"; field.dispatchEvent(new Event("input", { bubbles: true })); return true })()',
    )
    await firefox.until('/^1 of 3 images/m.test(document.body.innerText)')
  })

  it('compares two images', async () => {
    await firefox.goTo(`${window.origin}/#/compare?a=there:1.0&b=other:1.0`)
    await firefox.until('/layers are shared/.test(document.body.innerText)')
  })

  it('names an image, and takes the name away', async () => {
    await firefox.goTo(`${window.origin}/#/image?name=other:1.0`)
    const press = (text: string, within = ''): string =>
      `[...document.querySelectorAll("${within} button")].find((one) => one.innerText === "${text}" && !one.disabled)?.click() ?? true`
    await firefox.until('document.querySelector("[role=tablist]")')
    await firefox.until(press('Add a name'))
    await firefox.until(
      '(() => { const field = document.querySelector("dialog input"); if (!field) return false; field.value = "named:2.0"; field.dispatchEvent(new Event("input", { bubbles: true })); return true })()',
    )
    await firefox.until(`!document.querySelector("dialog button[type=submit]").disabled`)
    await firefox.until(press('Add', 'dialog'))
    await firefox.until('!document.querySelector("dialog")')
    expect((await get({ store })).map(({ repository }) => repository)).to.include('named')
  })

  it('shows what would go before an image is removed, and removes it', async () => {
    await firefox.goTo(`${window.origin}/#/image?name=named:2.0`)
    const uninstall = (within: string): string =>
      `(() => { const found = [...document.querySelectorAll("${within} button.danger")].find((one) => !one.disabled); found?.click(); return found !== undefined })()`
    await firefox.until(uninstall('main'))
    await firefox.until('/stays under its other names/.test(document.querySelector("dialog")?.innerText)')
    await firefox.until(uninstall('dialog'))
    await firefox.until('location.hash === "#/images"')
    expect((await get({ store })).map(({ repository }) => repository)).not.to.include('named')
  })

  it('shows an image and its files', async () => {
    await firefox.goTo(`${window.origin}/#/image?name=there:1.0`)
    await firefox.until(
      'document.querySelector("[role=tab][id$=files]")?.click() ?? document.querySelector("table")',
    )
    await firefox.until(
      '[...document.querySelectorAll("tbody button")].find((one) => one.innerText === "etc/")?.click() ?? /motd/.test(document.querySelector("tbody")?.innerText)',
    )
  })

  it('checks a file, shows what it would install, and installs it', async () => {
    await firefox.goTo(`${window.origin}/#/install?path=${encodeURIComponent(path.join(home, 'fresh.tar'))}`)
    const button = (text: string): string =>
      `[...document.querySelectorAll(".buttons button")].find((one) => one.innerText === "${text}" && !one.disabled)`
    await firefox.until(`${button('Check')} && (${button('Check')}.click(), true)`)
    await firefox.until('/This would be installed/.test(document.body.innerText)')
    await firefox.until(`${button('Install')} && (${button('Install')}.click(), true)`)
    await firefox.until('/\\nInstalled/.test(document.body.innerText)')
    expect((await get({ store })).map(({ repository }) => repository)).to.include('fresh')
  })
})
