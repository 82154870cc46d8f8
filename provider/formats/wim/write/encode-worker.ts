import { parentPort, workerData } from 'node:worker_threads'
import { plainFailure } from '../../../io/threads/plain-failure.js'
import { Encoders } from '../codecs/encoders.js'
import { Encoder } from './encode.js'
import type { EncodeJob, EncodeReply, EncodeSetup } from './encode-job.js'
import { memorySize } from './slot-memory.js'

const port = parentPort
if (!port) throw new Error('this module runs as a worker only')
const { module, setup, slots } = workerData as {
  module: WebAssembly.Module
  setup: EncodeSetup
  slots: number
}
const window = setup.compression === 'lzx' ? setup.chunkSize : undefined
const encoders = new Encoders(module, memorySize(setup, slots), window)
const encoder = new Encoder(encoders, setup)
port.postMessage({ base: encoders.base, memory: encoders.bytes.buffer })

port.on('message', (job: EncodeJob) => {
  let reply: EncodeReply
  try {
    reply = { id: job.id, answer: encoder.run(job) }
  } catch (error) {
    reply = { id: job.id, failure: plainFailure(error) }
  }
  port.postMessage(reply)
})
