import { noteBesides } from '../../../manifests/index.js'

/** Something open that has to be closed, or a step that does so; nothing if it was never opened. */
export type Closable = { close(): unknown } | (() => unknown) | undefined

/**
 * Does some work with open things and closes them in the end, whatever happens: all of them, in order. The
 * error of the work is thrown; anything else that fails is noted with it.
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

/** Closes what is open because of an error; returns that error, to be thrown. */
export async function closedAfter(error: unknown, ...open: Closable[]): Promise<unknown> {
  noteBesides(error, await errorsOf(open))
  return error
}

/** Closes everything, even if one of them fails. @throws the first error, with the others noted */
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
