import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { compileEncoders } from '../../provider/formats/wim/codecs/encoders.js'
import { WORKER_PROGRAMS, type WorkerName } from '../../provider/io/threads/worker-programs.js'
import { WORKER_FILES, workerTexts } from '../../scripts/bundle/worker-texts.js'

describe('the threads of the one file', () => {
  it('are those of the program of many files', () => {
    const files = Object.entries(WORKER_FILES)
    expect(Object.keys(WORKER_PROGRAMS)).to.have.members(files.map(([name]) => name))
    for (const [name, file] of files)
      expect(String(WORKER_PROGRAMS[name as WorkerName]).endsWith(`/${file}`), file).to.equal(true)
  })

  it('are small texts, none with a decoder or the command line in it', async () => {
    for (const [name, text] of Object.entries(await workerTexts())) {
      expect(text.length, name).to.be.lessThan(25_000)
      expect(text, name).not.to.match(/import |yargs/)
    }
  })

  it('start from their text: the encoder of WIMs, which no command uses alone', async () => {
    const setup = { compression: 'xpress', chunkSize: 32768, unitSize: 1 << 20 }
    const worker = new Worker((await workerTexts())['encode-wim'] ?? '', {
      eval: true,
      workerData: { module: compileEncoders(), setup, slots: 1 },
    })
    worker.postMessage({ id: 7, work: 'memory', stop: new Int32Array(new SharedArrayBuffer(4)) })
    const [{ id, answer }] = await once(worker, 'message')
    await worker.terminate()
    expect(id).to.equal(7)
    expect(answer.byteOffset).to.be.greaterThan(0)
    expect(answer.buffer).to.be.instanceOf(SharedArrayBuffer)
  })
})
