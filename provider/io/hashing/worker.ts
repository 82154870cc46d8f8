import { parentPort } from 'node:worker_threads'
import { type RangeJob, type RangeResult, runRangeJob } from './range-job.js'

export interface WorkerRequest {
  job: RangeJob
  /** Set to 1 by the main thread to stop this job alone; shared, because this thread never waits for messages. */
  stop: SharedArrayBuffer
}

export type WorkerReply =
  | { type: 'bytes'; count: number }
  | { type: 'done'; result: RangeResult }
  | ({ type: 'failed' } & Failure)

/** What of an error gets from one thread to another. */
export interface Failure {
  message: string
  code?: string
  /** It was the source that failed, not the target. */
  isReading?: true
}

/** Progress is told in steps of this many bytes: a message costs more than hashing a small buffer. */
const TELL_BYTES = 16 * 1024 * 1024

const port = parentPort

port?.on('message', async ({ job, stop }: WorkerRequest) => {
  port.postMessage(await run(job, new Int32Array(stop)))
})

async function run(job: RangeJob, stop: Int32Array): Promise<WorkerReply> {
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
    const result = await runRangeJob(job, tell)
    if (untold > 0) port?.postMessage({ type: 'bytes', count: untold } satisfies WorkerReply)
    return { type: 'done', result }
  } catch (error) {
    const { code, message, isReading } = error as NodeJS.ErrnoException & Failure
    return {
      type: 'failed',
      message,
      code,
      ...(isReading ? { isReading } : {}),
    }
  }
}
