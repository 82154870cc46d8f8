import type { HistoryStep } from '../../provider/index.js'
import { age } from './ages.js'
import { dockerSize } from './sizes.js'
import { table } from './table.js'
import { cut } from './width.js'

/** Docker cuts the command here. */
const COMMAND_WIDTH = 45

/** Docker's columns, without the id of each step, which today's images no longer have. */
export function historyLines(steps: HistoryStep[], now: Date, whole: boolean): string[] {
  const columns = ['CREATED', 'CREATED BY', 'SIZE', 'COMMENT'].map((title) => ({ title, endless: true }))
  const rows = steps.map((step) => [
    age(step.created, now),
    whole ? step.createdBy : cut(step.createdBy, COMMAND_WIDTH),
    dockerSize(step.size),
    step.comment,
  ])
  return table(columns, rows, { gap: 3 })
}
