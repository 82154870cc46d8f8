import { workerData } from 'node:worker_threads'
import { serve } from '../../../io/threads/serve.js'
import { Decoders } from '../codecs/decoders.js'
import { decode } from './decode.js'
import type { DecodeJob, JobAnswer } from './decode-job.js'

const decoders = new Decoders((workerData as { module: WebAssembly.Module }).module)
const { base } = decoders

/** The places of a job are told from where the memory is free. */
serve((job: DecodeJob): JobAnswer => {
  const found = decode(decoders, { ...job, output: base + job.output, input: base + job.input })
  return { memory: decoders.bytes.subarray(base), ...found }
})
