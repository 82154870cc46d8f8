import { printable } from '../../manifests/index.js'
import { span } from '../output/ages.js'
import { size } from '../output/sizes.js'
import { cut, pad, widthOf } from '../output/width.js'
import type { RunningBlob, Work } from './work.js'

/**
 * How far the whole task has come: `Saving debian 12.5: 12.30 MB of 48.30 MB (25 %), 15.20 MB/s, 3 s left`.
 */
export function progressLine(work: Work, at: number): string {
  const rate = work.perSecond(at)
  const left = work.secondsLeft(at)
  const parts = [
    work.fraction === undefined
      ? size(work.done)
      : `${size(work.done)} of ${size(work.total)} (${Math.floor(work.fraction * 100)} %)`,
    ...(rate > 0 ? [`${size(rate)}/s`] : []),
    ...(left === undefined ? [] : [`${span(left)} left`]),
  ]
  return `${printable(work.task)}: ${parts.join(', ')}`
}

/** What the whole task came to: `Saving debian 12.5: 48.30 MB in 3.2 s (15.10 MB/s), 1.20 MB reused`. */
export function summaryLine(work: Work, at: number): string {
  const seconds = Math.max(0, at - work.startedAt) / 1000
  const moved = work.copied + work.verified
  const parts = [
    `${size(moved)} in ${span(seconds)}${seconds >= 0.1 ? ` (${size(moved / seconds)}/s)` : ''}`,
    ...(work.reused > 0 ? [`${size(work.reused)} reused`] : []),
  ]
  return `${printable(work.task)}: ${parts.join(', ')}`
}

/** The whole task in a terminal's width: on two lines if its numbers do not fit on one. */
export function taskLines(work: Work, at: number, columns: number): string[] {
  const line = progressLine(work, at)
  if (widthOf(line) <= columns) return [line]
  const task = printable(work.task)
  return [cut(`${task}:`, columns), cut(`  ${line.slice(task.length + 2)}`, columns)]
}

/** Columns of a bar, and of the name before it; a narrow terminal has no room for bars. */
const BAR = 20
const LABEL = 24
const NARROW = 70

/** One line per running blob, as many as fit. */
export function blobLines(work: Work, columns: number, most: number): string[] {
  const running = [...work.running.values()].filter((blob) => blob.done < blob.size || blob.size === 0)
  const shown = running.slice(0, Math.max(0, most))
  const hidden = running.length - shown.length
  const lines = shown.map((blob) => blobLine(blob, columns < NARROW))
  if (hidden > 0) lines.push(`  and ${hidden} more`)
  return lines.map((line) => cut(line, columns))
}

function blobLine({ label, size: total, done }: RunningBlob, isNarrow: boolean): string {
  const bytes = total > 0 ? `${size(done)} of ${size(total)}` : size(done)
  if (isNarrow) return `  ${cut(printable(label), LABEL / 2)} ${bytes}`
  const filled = total > 0 ? Math.min(BAR, Math.floor((done / total) * BAR)) : 0
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`
  return `  ${pad(cut(printable(label), LABEL), LABEL)} ${bar} ${bytes}`
}
