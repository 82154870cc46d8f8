import { workerData } from 'node:worker_threads'
import { serve } from '../../../io/threads/serve.js'
import { Encoders } from '../codecs/encoders.js'
import { Encoder } from './encode.js'
import type { EncodeJob, EncodeSetup } from './encode-job.js'
import { memorySize } from './slot-memory.js'

const { module, setup, slots } = workerData as {
  module: WebAssembly.Module
  setup: EncodeSetup
  slots: number
}
const window = setup.compression === 'lzx' ? setup.chunkSize : undefined
const encoders = new Encoders(module, memorySize(setup, slots), window)
const encoder = new Encoder(encoders, setup)

/** The first thing that is asked for is the memory, from where it is free. */
serve((job: EncodeJob | 'memory') =>
  job === 'memory' ? encoders.bytes.subarray(encoders.base) : encoder.run(job),
)
