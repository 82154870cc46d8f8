/** Tests that cannot run with the Windows build of Node under Wine. */
export interface LeftOut {
  /** The file of the tests. */
  file: string
  /** The beginning of their full titles, or what those match. */
  tests: string | RegExp
  /** Why they cannot. */
  why: string
}

/**
 * What is left out of `npm run windows`, beside the tests that need a peer. They are run all the same, and the run fails
 * where one of them passes or is not there any more.
 */
export const LEFT_OUT: LeftOut[] = []
