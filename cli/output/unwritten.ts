import { ContainerImageError, systemCode } from '../../manifests/index.js'

/** Named as in errno(3). */
const FULL: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'the file may not be larger',
}
/** The codes of a pipe whose reader went away. */
export const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'EOF', 'ECONNRESET'])
/** A longer report would hide the error above it. */
const MOST_LINES = 50

/**
 * The error that stdout did not accept what was printed.
 * @param done the lines that report what was done, if anything
 */
export function unwritten(cause: NodeJS.ErrnoException, done: string[] = []): ContainerImageError {
  const code = systemCode(cause) ?? ''
  const full = FULL[code]
  const isAlone = READER_GONE.has(code)
  const why = full ?? (isAlone ? 'its reader has gone' : cause.message)
  const more = done.length > MOST_LINES ? [`and ${done.length - MOST_LINES} lines more`] : []
  const isDone = done.length > 0
  const what = isDone
    ? 'This was done, but could not be reported on stdout'
    : 'The output could not be written to stdout'
  return new ContainerImageError(
    full === undefined ? 'CANNOT_MAKE' : 'NO_SPACE',
    [`${what}: ${why}.`, ...done.slice(0, MOST_LINES), ...more].join('\n'),
    {
      side: 'destination',
      remedy: isDone
        ? 'Look at what there is with `containerimage get`; the work need not be done again.'
        : `${full ? 'Free some space where stdout goes' : isAlone ? 'Have its reader read to the end' : 'Repair what stdout goes to'}, or send it elsewhere, then run the command again.`,
      cause,
    },
  )
}
