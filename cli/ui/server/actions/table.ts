import type { ActionName } from '../../protocol/actions.js'
import type { Action } from './action.js'
import { INSIDE } from './inside.js'
import { LOOK } from './look.js'
import { OFFER } from './offer.js'
import { WORK } from './work.js'

/** Every action by its name; `about` is the server's own. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({ ...LOOK, ...INSIDE, ...OFFER, ...WORK } satisfies { [Name in ActionName]?: Action<Name> }),
) as ReadonlyMap<string, Action>
