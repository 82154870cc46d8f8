import type { Arguments } from '../command/arguments.js'
import type { OptionDefinition } from '../command/command.js'

/** What PowerShell does with a message of one kind, by the numbers that it also takes for these words. */
const ACTIONS = ['silentlycontinue', 'stop', 'continue', 'inquire', 'ignore', 'suspend', 'break'] as const

const ACTION: OptionDefinition = {
  type: 'value',
  placeholder: 'ACTION',
  describe: 'Continue, SilentlyContinue, Ignore, Stop ...',
}

/** The name of a variable; outside a session there is none to fill. */
const VARIABLE: OptionDefinition = {
  type: 'value',
  placeholder: 'NAME',
  describe: 'Accepted, but not filled',
}

/**
 * The common parameters of PowerShell's cmdlets that are not also options of ours: scripts that pass them keep working.
 * They exist in PowerShell's spelling only, and help does not list them.
 */
export const COMMON_PARAMETERS: Record<string, OptionDefinition> = {
  debug: { type: 'switch', describe: 'The same as -Verbose', parameters: ['db'] },
  'error-action': { ...ACTION, parameters: ['ea'] },
  'warning-action': { ...ACTION, parameters: ['wa'] },
  'information-action': { ...ACTION, parameters: ['infa'] },
  'progress-action': { ...ACTION, parameters: ['proga'] },
  'error-variable': { ...VARIABLE, parameters: ['ev'] },
  'warning-variable': { ...VARIABLE, parameters: ['wv'] },
  'information-variable': { ...VARIABLE, parameters: ['iv'] },
  'out-variable': { ...VARIABLE, parameters: ['ov'] },
  'out-buffer': {
    type: 'value',
    placeholder: 'COUNT',
    describe: 'Accepted, but not needed',
    parameters: ['ob'],
  },
  'pipeline-variable': { ...VARIABLE, parameters: ['pv'] },
}

/** What is not shown because a common parameter says so; the exit code tells of errors in any case. */
export interface Silenced {
  errors: boolean
  notes: boolean
  progress: boolean
}

export function silencedBy(args: Arguments): Silenced {
  return {
    errors: isSilent(args.text('error-action')),
    notes: isSilent(args.text('warning-action')) || isSilent(args.text('information-action')),
    progress: isSilent(args.text('progress-action')),
  }
}

/** Whether PowerShell knows an action: by its word or the beginning of it, or by its number. */
export function isAction(text: string): boolean {
  return actionNamed(text) !== undefined
}

function isSilent(text: string | undefined): boolean {
  const action = text === undefined ? undefined : actionNamed(text)
  return action === 'silentlycontinue' || action === 'ignore'
}

function actionNamed(text: string): string | undefined {
  const wanted = text.toLowerCase()
  if (/^[0-6]$/.test(wanted)) return ACTIONS[Number(wanted)]
  if (wanted === '') return undefined
  const meant = ACTIONS.filter((action) => action === wanted || action.startsWith(wanted))
  return meant.find((action) => action === wanted) ?? (meant.length === 1 ? meant[0] : undefined)
}
