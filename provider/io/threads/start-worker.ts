import { type ResourceLimits, Worker } from 'node:worker_threads'
import { WORKER_PROGRAMS, type WorkerName } from './worker-programs.js'

/**
 * Starts a thread. It loads its own program and nothing else of the tool.
 * @param workerData what it finds as `workerData`
 */
export function startWorker(name: WorkerName, workerData: unknown, resourceLimits?: ResourceLimits): Worker {
  const program = WORKER_PROGRAMS[name]
  return new Worker(program, {
    workerData,
    eval: typeof program === 'string',
    resourceLimits,
  })
}
