import { noteBesides } from '../../../manifests/index.js'

/** What is open and has to be closed, or a step that does so; nothing where it was never opened. */
export type Closable = { close(): unknown } | (() => unknown) | undefined

/**
 * Works with what is open, and closes it in the end, whatever happens: all of it, in its order. The error of the
 * work is what is thrown; what fails besides is noted with it.
 */
export async function closing<T>(open: Closable | readonly Closable[], work: () => Promise<T>): Promise<T> {
  let result: T
  try {
    result = await work()
  } catch (error) {
    throw await closedAfter(error, ...listOf(open))
  }
  await closeAll(listOf(open))
  return result
}

/** Closes what is open because of an error; that is returned, to be thrown. */
export async function closedAfter(error: unknown, ...open: Closable[]): Promise<unknown> {
  noteBesides(error, await errorsOf(open))
  return error
}

/** Closes all, also where one of them fails. @throws the first error, with the others noted */
export async function closeAll(open: Iterable<Closable>): Promise<void> {
  const [first, ...others] = await errorsOf(open)
  if (first === undefined) return
  noteBesides(first, others)
  throw first
}

async function errorsOf(open: Iterable<Closable>): Promise<unknown[]> {
  const errors: unknown[] = []
  for (const one of open)
    try {
      await (typeof one === 'function' ? one() : one?.close())
    } catch (error) {
      errors.push(error ?? new Error('It could not be closed.'))
    }
  return errors
}

function listOf(open: Closable | readonly Closable[]): readonly Closable[] {
  return Array.isArray(open) ? open : [open as Closable]
}
