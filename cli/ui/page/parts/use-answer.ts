import { useEffect, useState } from 'preact/hooks'
import type { ActionName, AnswerOf, Failure, LongAction, RequestOf } from '../../protocol/actions.js'
import { ask, Failed } from '../state/client.js'

export interface Answered<Answer> {
  answer?: Answer
  failure?: Failure
  isLoading: boolean
  /** Sends the request again. */
  again(): void
}

/** The answer to a request, which is sent again when it changes; nothing is sent while it is undefined. */
export function useAnswer<Name extends Exclude<ActionName, LongAction>>(
  action: Name,
  request: RequestOf<Name> | undefined,
): Answered<AnswerOf<Name>> {
  const [state, set] = useState<{ answer?: AnswerOf<Name>; failure?: Failure; isLoading: boolean }>({
    isLoading: request !== undefined,
  })
  const [round, next] = useState(0)
  const key = JSON.stringify(request)
  useEffect(() => {
    if (request === undefined) return set({ isLoading: false })
    const controller = new AbortController()
    set((before) => ({ ...before, isLoading: true }))
    ask(action, request, controller.signal).then(
      (answer) => set({ answer, isLoading: false }),
      (error: unknown) => {
        if (!controller.signal.aborted) set({ failure: failureOf(error), isLoading: false })
      },
    )
    return () => controller.abort()
  }, [action, key, round])
  return { ...state, again: () => next((count) => count + 1) }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) }
}
