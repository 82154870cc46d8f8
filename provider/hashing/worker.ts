import { parentPort, workerData } from 'node:worker_threads'
import { type RangeJob, type RangeResult, runRangeJob } from './range-job.js'

export interface WorkerRequest {
  job: RangeJob
}

export type WorkerReply =
  | { type: 'bytes'; count: number }
  | { type: 'done'; result: RangeResult }
  | { type: 'failed'; code?: string; message: string }

/** Progress is told in steps of this many bytes: a message costs more than hashing a small buffer. */
const TELL_BYTES = 16 * 1024 * 1024

const port = parentPort
/** Set to 1 by the main thread when the work is to stop; shared, because this thread never waits for messages. */
const stop = new Int32Array((workerData as { stop: SharedArrayBuffer }).stop)

port?.on('message', ({ job }: WorkerRequest) => {
  port.postMessage(run(job))
})

function run(job: RangeJob): WorkerReply {
  let untold = 0
  const tell = (count: number): boolean => {
    untold += count
    if (untold >= TELL_BYTES) {
      port?.postMessage({ type: 'bytes', count: untold } satisfies WorkerReply)
      untold = 0
    }
    return Atomics.load(stop, 0) === 0
  }
  try {
    const result = runRangeJob(job, tell)
    if (untold > 0) port?.postMessage({ type: 'bytes', count: untold } satisfies WorkerReply)
    return { type: 'done', result }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { type: 'failed', message, ...(code === undefined ? {} : { code }) }
  }
}
