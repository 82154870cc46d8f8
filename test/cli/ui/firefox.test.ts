import path from 'node:path'
import { expect } from 'chai'
import { get, install, save } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { type Firefox, startFirefox } from '../../peers/firefox.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { openRealWindow, type RealWindow } from './real-window.js'

describeWithPeers(['firefox-esr'], 'the window in Firefox', function () {
  this.timeout(300_000)
  const temporary = scratch()
  let home: string
  let store: string
  let firefox: Firefox
  let window: RealWindow

  before(async () => {
    home = temporary.folder()
    store = path.join(home, 'store')
    for (const name of ['there', 'fresh'])
      makeLayout(path.join(home, name), [
        { refName: `${name}:1.0`, layers: [{ files: { 'etc/motd': '<b>hello</b>' } }] },
      ])
    await install({ targets: [path.join(home, 'there')], store })
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
    expect(names).to.deep.equal(['there', 'there'])
    expect(await firefox.until('location.href')).to.equal(`${window.origin}/#/images`)
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
