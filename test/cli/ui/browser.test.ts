import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { scratch } from '../../scratch.js'

const onUnix = process.platform === 'win32' ? describe.skip : describe

onUnix('the browser that the window starts', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  it('is the one of the desktop, and gets the address with its token', async () => {
    const folder = temporary.folder()
    const seen = path.join(folder, 'seen')
    const name = process.platform === 'darwin' ? 'open' : 'xdg-open'
    const opener = path.join(folder, name)
    writeFileSync(opener, `#!/bin/sh\nprintf '%s' "$*" > ${seen}.new && mv ${seen}.new ${seen}\n`)
    chmodSync(opener, 0o755)
    const child = spawn(
      process.execPath,
      [path.resolve('dist/containerimage.mjs'), 'ui', '--json', '--store', path.join(folder, 'store')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, HOME: folder, PATH: `${folder}${path.delimiter}${process.env.PATH}` },
      },
    )
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    while (!existsSync(seen) && child.exitCode === null) await sleep(50)
    const address = readFileSync(seen, 'utf8')
    expect(address).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#token=\S+$/)
    while (!said.includes(address)) await sleep(50)
    child.kill('SIGINT')
    await once(child, 'exit')
  })
})
