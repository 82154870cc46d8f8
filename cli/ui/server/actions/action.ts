import type { CommonOptions, NetworkOptions } from '../../../../provider/index.js'
import type { ActionName, AnswerOf } from '../../protocol/actions.js'
import type { Fields } from './fields.js'

/** What every action gets besides its request. */
export interface Surroundings {
  /** What the library's verbs take, with the signal of this request. */
  common: CommonOptions & NetworkOptions
  /** As given by `--store`. */
  store: string | undefined
  allowsChanges: boolean
  /** The path that a text in a request means: that of an uploaded file, or the text itself. */
  pathOf(text: string): string
}

/** One action: the verb of the library that it stands for. */
export interface Action<Name extends ActionName = ActionName> {
  /** Whether a request would write anything. */
  changes?(fields: Fields): boolean
  run(fields: Fields, surroundings: Surroundings): Promise<AnswerOf<Name>>
}
