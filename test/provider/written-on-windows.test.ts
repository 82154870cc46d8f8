import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  find,
  get,
  getSetting,
  install,
  inventory,
  readReceipts,
  save,
  setSetting,
  verify,
} from '../../provider/index.js'
import { authorities } from '../../provider/registry/authorities.js'
import { Htpasswd } from '../../provider/serve/htpasswd.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { windowsForms } from '../windows.js'
import { selfSigned } from './registry/certificates.js'

describe('files that people write on Windows', () => {
  const temporary = scratch()
  const before = { ...process.env }
  afterEach(() => {
    restoreEnvironment(before)
    temporary.remove()
  })

  /** Each form of a text as a file, with the ends of lines that Windows gives them. */
  function written(folder: string, name: string, text: string): string[] {
    return Object.values(windowsForms(text.replaceAll('\n', '\r\n'))).map((bytes, i) => {
      const file = path.join(folder, `${i}-${name}`)
      writeFileSync(file, bytes)
      return file
    })
  }

  it('are read as indexes', async () => {
    const folder = temporary.folder()
    const entries = [
      {
        name: 'nano',
        version: '1.0',
        summary: 'Nano',
        os: 'linux',
        architecture: 'amd64',
        url: 'nano.tar',
        sha256: 'a'.repeat(64),
        size: 1,
      },
    ]
    const text = JSON.stringify({ schemaVersion: 1, images: entries }, null, 2)
    const files = written(folder, 'index.json', text)
    expect(files.length).to.equal(4)
    for (const source of files) {
      const { images } = await find({ source })
      expect(images.map(({ name }) => name)).to.deep.equal(['nano'])
    }
  })

  it('are read as an inventory of what the other side has', async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'text' } }] }])
    const store = path.join(folder, 'store')
    const { inventory: none } = await inventory({ store })
    const skipped: unknown[] = []
    for (const file of written(folder, 'inventory.json', `${JSON.stringify(none, null, 2)}\n`)) {
      const { files } = await save({
        names: [layout],
        path: path.join(folder, `${skipped.length}.tar`),
        base: [file],
      })
      skipped.push(files.length)
    }
    expect(skipped).to.deep.equal([1, 1, 1, 1])
  })

  it('are read as receipts, and as what the other side has by them', async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'text' } }] }])
    const receipt = path.join(folder, 'receipts.jsonl')
    await install({ targets: [layout], store: path.join(folder, 'store'), receipt })
    const [{ receipts: whole } = { receipts: [] }] = await readReceipts({ paths: [receipt] })
    for (const [i, file] of written(folder, 'back.jsonl', readFileSync(receipt, 'utf8')).entries()) {
      const [log] = await readReceipts({ paths: [file] })
      expect(log?.receipts).to.deep.equal(whole)
      const saved = { names: [layout], path: path.join(folder, `${i}.tar`), base: [file] }
      expect((await save(saved)).files).to.have.length(1)
    }
  })

  it('are read as the documents of a layout, of a store, and of a media that shows what was changed', async () => {
    const folder = temporary.folder()
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'base:1.0', layers: [{ files: { a: 'text' } }] }])
    const store = path.join(folder, 'store')
    await install({ targets: [layout], store })
    const media = path.join(folder, 'media')
    mkdirSync(media)
    await save({ names: [layout], path: media, format: 'media' })
    const edited = (place: string): Buffer[] =>
      Object.values(
        windowsForms(readFileSync(path.join(place, 'index.json'), 'utf8').replaceAll('\n', '\r\n')),
      )
    const forms = [layout, store, media].map(edited)
    for (const i of [1, 2, 3]) {
      for (const [k, place] of [layout, store, media].entries())
        writeFileSync(path.join(place, 'index.json'), forms[k]?.[i] ?? '')
      expect((await verify({ paths: [layout] })).problems).to.deep.equal([])
      expect((await get({ store })).map(({ tag }) => tag)).to.have.members(['1.0', 'latest'])
      const { problems } = await verify({ paths: [media] })
      expect(problems.map(({ code, path: file }) => [code, file])).to.deep.equal([
        ['FILE_CHANGED', 'index.json'],
      ])
    }
  })

  it('are read as settings, which stay what they are when one is set', async () => {
    for (const bytes of Object.values(windowsForms('{\r\n  "platform": "linux/s390x"\r\n}\r\n'))) {
      const folder = temporary.folder()
      process.env.CONTAINERIMAGE_CONFIG_DIR = folder
      writeFileSync(path.join(folder, 'settings.json'), bytes)
      expect(await getSetting('platform')).to.equal('linux/s390x')
      await setSetting('caFile', '/ca.pem')
      expect(JSON.parse(readFileSync(path.join(folder, 'settings.json'), 'utf8'))).to.deep.equal({
        platform: 'linux/s390x',
        caFile: '/ca.pem',
      })
    }
  })

  it('are read as certificates and as passwords', async () => {
    const folder = temporary.folder()
    mkdirSync(path.join(folder, 'made'))
    const { cert, key } = selfSigned(path.join(folder, 'made'))
    const keys = written(folder, 'key.pem', key)
    for (const [i, certFile] of written(folder, 'cert.pem', cert).entries())
      expect(authorities([certFile], { certFile, keyFile: keys[i] ?? '' }, {})).not.to.equal(undefined)
    const line = `ana:$2y$05$${'a'.repeat(53)}\n`
    for (const file of written(folder, 'htpasswd', line)) {
      const users = new Htpasswd(file, () => {})
      await users.start()
      expect(await users.hashOf('ana')).to.equal(`$2y$05$${'a'.repeat(53)}`)
    }
  })
})
