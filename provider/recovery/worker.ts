import { serve } from '../io/threads/serve.js'
import { hashFile, hashSlices } from './hash-job.js'
import type { Answers, Order } from './order.js'
import { RowJob } from './row-job.js'
import { scanFile } from './scan.js'

let rows: RowJob | undefined

serve((order: Order, { checkpoint }): Answers[keyof Answers] => {
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
})
