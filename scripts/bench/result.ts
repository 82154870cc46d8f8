/** One run of a whole process. */
export interface Measured {
  seconds: number
  /** Processor time of all its threads, user and system; 0 if the system does not provide it. */
  processor: number
  /** Peak of resident memory, in bytes; 0 if the system does not provide it. */
  peak: number
}

/** What the runs of one contender gave. */
export interface Result {
  title: string
  runs: Measured[]
}
