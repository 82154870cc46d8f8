import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { VERSION } from '../../manifests/program.js'
import { carriedTool } from '../../provider/index.js'
import { failure } from '../provider/verbs/failure.js'
import { scratch } from '../scratch.js'

const ONE_FILE = path.resolve('dist/containerimage.mjs')

describe('the tool that is carried along', () => {
  const { folder, remove } = scratch()
  afterEach(remove)

  it('is the one file of the built package, with its licences', async () => {
    const bytes = readFileSync(ONE_FILE)
    const { module, ...tool } = await carriedTool()
    expect(module['ContainerImage.psd1']).to.equal(
      readFileSync('dist/ContainerImage/ContainerImage.psd1', 'utf8'),
    )
    expect(tool).to.deep.equal({
      file: {
        path: ONE_FILE,
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
      version: VERSION,
      licenses: readFileSync('dist/containerimage-licenses.txt', 'utf8').replaceAll('*/', '* /'),
    })
  })

  it('is not there, or is another file, or one that is cut short', async () => {
    const file = path.join(folder(), 'containerimage.mjs')
    const place = pathToFileURL(file)
    const error = await failure(carriedTool(place), 'TOOL_MISSING')
    expect(error).to.include({ expected: file, found: 'ENOENT' })
    writeFileSync(file, 'console.log(1)\n')
    await failure(carriedTool(place), 'TOOL_MISSING')
    copyFileSync(ONE_FILE, file)
    expect((await carriedTool(place)).file.path).to.equal(file)
    writeFileSync(file, readFileSync(ONE_FILE).subarray(0, -1))
    await failure(carriedTool(place), 'TOOL_MISSING')
  })
})
