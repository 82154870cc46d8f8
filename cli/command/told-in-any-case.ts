import { ContainerImageError, printable, worstCode } from '../../manifests/index.js'
import type { FailedTarget } from '../../provider/index.js'

/** What a verb may say besides what it did. */
interface WithFailures {
  failed?: FailedTarget[]
}

/**
 * Reports what a verb did, even if it failed midway; then throws what failed, if it kept going.
 * @throws the error of the verb; the worst of those after which it kept going, with all of them in its
 * message
 */
export async function toldInAnyCase<T extends WithFailures>(
  work: Promise<T>,
  tell: (result: T) => void,
): Promise<T> {
  const result = await work.catch((error) => {
    if (error instanceof ContainerImageError && error.done !== undefined) tell(error.done as T)
    throw error
  })
  tell(result)
  if (result.failed && result.failed.length > 0) throw summaryOf(result.failed)
  return result
}

/** The rest are in the document for programs. */
const MOST_LISTED = 100

/** One error that names all that failed, and why. */
function summaryOf(failed: FailedTarget[]): ContainerImageError {
  const lines = failed
    .slice(0, MOST_LISTED)
    .map(({ name, code, message }) => `${printable(name)}: ${code}: ${message}`)
  if (failed.length > MOST_LISTED) lines.push(`and ${failed.length - MOST_LISTED} more`)
  const remedies = [...new Set(failed.map(({ remedy }) => remedy))]
  return new ContainerImageError(
    worstCode(failed.map(({ code }) => code)),
    [`${failed.length === 1 ? 'This' : 'These'} could not be done:`, ...lines].join('\n'),
    {
      remedy:
        remedies.length === 1
          ? remedies[0]
          : 'Everything else was done. Run the command again once that is mended.',
      details: { failed },
    },
  )
}
