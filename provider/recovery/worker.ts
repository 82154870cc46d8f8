import { parentPort, workerData } from 'node:worker_threads'
import { hashFile, hashSlices } from './hash-job.js'
import type { Answers, Failure, Order, Reply } from './order.js'
import { RowJob } from './row-job.js'
import { scanFile } from './scan.js'

const port = parentPort
if (!port) throw new Error('this module runs as a worker only')
/** Set to 1 by the main thread when the work is to stop; shared, because this thread never waits for messages. */
const stop = new Int32Array((workerData as { stop: SharedArrayBuffer }).stop)
let rows: RowJob | undefined

port.on('message', (order: Order) => {
  let reply: Reply
  try {
    reply = { answer: carryOut(order) }
  } catch (error) {
    const { message, code, what, side } = error as NodeJS.ErrnoException & Failure
    reply = {
      failure: { message, ...(code ? { code } : {}), ...(what ? { what } : {}), ...(side ? { side } : {}) },
    }
  }
  port.postMessage(reply)
})

function carryOut(order: Order): Answers[keyof Answers] {
  switch (order.type) {
    case 'hash-file':
      return hashFile(order, checkpoint)
    case 'hash-slices':
      return hashSlices(order, checkpoint)
    case 'scan':
      return scanFile(order, checkpoint)
    case 'attach':
      rows = new RowJob(order)
      return undefined
    case 'multiply':
      return rows?.multiply(order, checkpoint)
    case 'solve':
      return rows?.solve(order, checkpoint)
    case 'emit':
      return rows?.emit(order, checkpoint)
  }
}

function checkpoint(): void {
  if (Atomics.load(stop, 0) !== 0) throw new Error('stopped')
}
