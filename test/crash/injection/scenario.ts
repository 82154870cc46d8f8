import type { Peer } from '../../peers/peers.js'
import type { Inputs } from './inputs.js'
import type { Workspace } from './workspace.js'

/** A run of the program that changes something. */
export interface Scenario {
  title: string
  /** Makes what is there before the run. */
  prepare?(workspace: Workspace, inputs: Inputs): Promise<void>
  command(inputs: Inputs, workspace: Workspace): Promise<string[]>
  /** The exit code of a run that nothing disturbs; 0 where left out. */
  ends?: number
  /** What the next run may end with beside, where the disturbed one had done all: `uninstall` finds nothing more. */
  whenDone?: number
  /** What is to be run after that, to remove what the disturbed run did not come to: `prune`. */
  thenRun?: string[]
  /** Several files are written one after the other, each in one step: some may be new and others old. */
  inSteps?: boolean
  /** What is there before the run is damaged, and the run puts it right. */
  beginsDamaged?: boolean
  /** Files whose content tells how the runs went: not compared, but for `check`. */
  mayDiffer?: RegExp
  /** What is written where it stays, or is away for a moment: a kill leaves half of it or nothing, and the next run makes it whole. */
  inPlace?: RegExp
  /** Further things that must hold, and hold for all that was to be done once a run ended well. @throws where they do not */
  check?(workspace: Workspace, isDone: boolean): Promise<void>
  /** Nothing is synced, as it is the user's own folder: a loss of power may take anything of it. */
  isNotSynced?: boolean
  /** It changes a registry or an engine, too, of which the workspace tells nothing. */
  reachesOut?: boolean
  /** Further variables of the environment. */
  environment?(inputs: Inputs): NodeJS.ProcessEnv
  /** What comes on standard input. */
  input?: string
  /** What must be on this machine. */
  peers?: Peer[]
}
