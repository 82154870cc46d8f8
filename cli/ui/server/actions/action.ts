import type { CommonOptions, NetworkOptions } from '../../../../provider/index.js'
import type { ActionName, AnswerOf } from '../../protocol/actions.js'
import type { Fields } from './fields.js'

/** What every action gets besides its request. */
export interface Surroundings {
  /** What verbs of the library take, with the signal of this request. */
  common: CommonOptions & NetworkOptions
  /** As `--store` was given. */
  store: string | undefined
  allowsChanges: boolean
  /** The path that a text of a request means: an uploaded file, or what it says. */
  pathOf(text: string): string
}

/** One action: the verb of the library that it is. */
export interface Action<Name extends ActionName = ActionName> {
  /** Whether a request would write anything. */
  changes?(fields: Fields): boolean
  run(fields: Fields, surroundings: Surroundings): Promise<AnswerOf<Name>>
}
