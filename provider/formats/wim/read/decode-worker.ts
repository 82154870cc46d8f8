import { parentPort, workerData } from 'node:worker_threads'
import { plainFailure } from '../../../io/threads/plain-failure.js'
import { Decoders } from '../codecs/decoders.js'
import { decode } from './decode.js'
import type { DecodeJob, JobAnswer } from './decode-job.js'

const port = parentPort
if (!port) throw new Error('this module runs as a worker only')
const decoders = new Decoders(workerData.module)
port.postMessage({ base: decoders.base })

port.on('message', (job: DecodeJob) => {
  let answer: JobAnswer
  try {
    const { faults, mismatches } = decode(decoders, job)
    answer = { id: job.id, memory: decoders.bytes.buffer as unknown as SharedArrayBuffer, faults, mismatches }
  } catch (error) {
    answer = { id: job.id, failure: plainFailure(error) }
  }
  port.postMessage(answer)
})
