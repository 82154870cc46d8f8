import { ContainerImageError } from '../../manifests/index.js'
import type { ProgressEvent } from '../io/progress.js'
import type { CommonOptions } from '../session/options.js'

/**
 * Runs a verb on private temporary files: in its result, errors, notes and progress they appear under the
 * names that the reader knows.
 * @param names by path
 */
export async function inOtherWords<R extends CommonOptions, T>(
  names: ReadonlyMap<string, string>,
  request: R,
  run: (request: R) => Promise<T>,
): Promise<T> {
  const text = (one: string): string => {
    let named = one
    for (const [file, name] of names) named = named.replaceAll(file, name)
    return named
  }
  const { onProgress } = request
  const inWords = onProgress && {
    onProgress: (event: ProgressEvent) => onProgress(renamed(event, text)),
  }
  try {
    return renamed(await run({ ...request, ...inWords }), text)
  } catch (error) {
    throw error instanceof ContainerImageError ? renamedError(error, text) : error
  }
}

/** Results are plain data; anything else in one is left as it is. */
function renamed<T>(value: T, text: (one: string) => string): T {
  if (typeof value === 'string') return text(value) as T
  if (Array.isArray(value)) return value.map((one) => renamed(one, text)) as T
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, text)])) as T
}

function renamedError(error: ContainerImageError, text: (one: string) => string): ContainerImageError {
  const { code, message, side, expected, found, details, remedy, cause, stack } = error
  const named = new ContainerImageError(code, text(message), {
    ...renamed({ side, expected, found, details, remedy: text(remedy) }, text),
    cause,
  })
  named.stack = stack
  if (error.besides) named.besides = error.besides
  return named
}
