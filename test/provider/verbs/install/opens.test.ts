import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { expect } from 'chai'
import { install, save } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import { scratch } from '../../../scratch.js'

const fs: typeof import('node:fs') = createRequire(import.meta.url)('node:fs')

/** How often a file is opened by name while something runs, on this thread, by either of the calls that do so here. */
async function opensOf(file: string, work: () => Promise<unknown>): Promise<number> {
  const { openSync } = fs
  const { open } = fs.promises
  let count = 0
  const counts = (name: unknown): void => {
    if (String(name) === file) count++
  }
  fs.openSync = (...given) => {
    counts(given[0])
    return openSync(...given)
  }
  fs.promises.open = async (...given) => {
    counts(given[0])
    return await open(...given)
  }
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    fs.openSync = openSync
    fs.promises.open = open
    syncBuiltinESMExports()
  }
  return count
}

describe('installing one small archive', () => {
  const temporary = scratch()

  afterEach(() => temporary.remove())

  for (const format of ['oci-archive', 'docker-archive', 'zip'] as const)
    it(`opens it three times at most: ${format}`, async () => {
      const folder = temporary.folder()
      const layers = ['1', '2', '3', '4'].map((version) => ({ files: { [`file-${version}`]: version } }))
      const image = { refName: 'debian:12.5', platform: { os: 'linux', architecture: 'amd64' }, layers }
      makeLayout(path.join(folder, 'layout'), [image])
      const file = path.join(folder, format === 'zip' ? 'debian.zip' : 'debian.tar')
      await save({ names: [path.join(folder, 'layout')], path: file, format })
      const store = path.join(folder, 'store')
      const opens = await opensOf(file, () => install({ targets: [file], store }))
      expect(opens).to.be.within(1, 3)
    })
})
