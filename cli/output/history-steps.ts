import type { HistoryStep } from '../../provider/index.js'
import { age } from './ages.js'
import { dockerSize } from './sizes.js'
import { table } from './table.js'
import { type Field, formattedLines } from './templates.js'
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

/** In a template's words. @throws USAGE */
export function historyInFormat(steps: HistoryStep[], format: string, now: Date, whole: boolean): string[] {
  const fields: Field<HistoryStep>[] = [
    { name: 'CreatedSince', title: 'CREATED', value: ({ created }) => age(created, now) },
    { name: 'CreatedAt', title: 'CREATED AT', value: ({ created }) => created },
    {
      name: 'CreatedBy',
      title: 'CREATED BY',
      value: ({ createdBy }) => (whole ? createdBy : cut(createdBy, COMMAND_WIDTH)),
    },
    { name: 'Size', title: 'SIZE', value: ({ size }) => dockerSize(size) },
    { name: 'Comment', title: 'COMMENT', value: ({ comment }) => comment },
  ]
  return formattedLines(format, steps, fields, ['history'])
}
