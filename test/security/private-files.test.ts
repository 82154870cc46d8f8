import { mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { install, save, setSetting } from '../../provider/index.js'
import { makeScratch } from '../../provider/io/files/scratch.js'
import { keepCredentials } from '../../provider/registry/credential-file.js'
import { AccessLog } from '../../provider/serve/access-log.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout } from '../fixtures/layout.js'
import { makeKey } from '../provider/encryption/made-keys.js'
import { scratch } from '../scratch.js'

const isPosix = process.platform !== 'win32'

;(isPosix ? describe : describe.skip)('files that are private', () => {
  const temporary = scratch()
  const before = { ...process.env }
  const umask = process.umask()
  let home: string
  beforeEach(() => {
    home = temporary.folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    process.env.XDG_DATA_HOME = path.join(home, 'data')
    process.env.DOCKER_CONFIG = path.join(home, 'docker')
  })
  afterEach(() => {
    process.umask(umask)
    restoreEnvironment(before)
    temporary.remove()
  })

  const modeOf = (...names: string[]): number => statSync(path.join(home, ...names)).mode & 0o777

  for (const mask of [0, 0o077])
    it(`have their modes with the umask ${mask.toString(8).padStart(3, '0')}: settings, credentials, logs`, async () => {
      process.umask(mask)
      await setSetting('platform', 'linux/amd64')
      expect([modeOf('settings'), modeOf('settings', 'settings.json')]).to.deep.equal([0o700, 0o600])
      await keepCredentials('reg.invalid', { username: 'me', password: 'secret' }, process.env)
      expect(modeOf('docker', 'config.json')).to.equal(0o600)
      expect(modeOf('docker') & 0o022).to.equal(0)
      const nothing = (): void => {}
      const log = new AccessLog(path.join(home, 'access.log'), nothing, nothing, nothing)
      await log.start()
      expect(modeOf('access.log') & 0o037).to.equal(0)
      await log.close()
    })

  for (const mask of [0, 0o077])
    it(`that are decrypted are for this user alone with the umask ${mask.toString(8).padStart(3, '0')}`, async () => {
      process.umask(mask)
      const layout = path.join(home, 'layout')
      makeLayout(layout, [{ refName: 'demo:1', layers: [{ files: { a: 'a' } }] }])
      const key = await makeKey(home)
      const store = path.join(home, 'store')
      await save({ names: [layout], path: path.join(home, 'a.tar'), store, encryptTo: [key.recipient] })
      const seen: number[] = []
      const onProgress = (): void => {
        const ingest = path.join(store, 'ingest')
        for (const name of readdirSync(ingest).filter((one) => /^unpacked-[0-9a-f-]{36}$/.test(one)))
          seen.push(modeOf('store', 'ingest', name))
      }
      mkdirSync(path.join(store, 'ingest'), { recursive: true })
      const identity = [key.file]
      await install({ targets: [path.join(home, 'a.tar.age')], store, identity, onProgress })
      expect(new Set(seen)).to.deep.equal(new Set([0o700]))
      const folder = await makeScratch(async () => home)
      expect(statSync(folder.path).mode & 0o777).to.equal(0o700)
      await folder.remove()
    })
})
