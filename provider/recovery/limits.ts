/** Bounds of PAR 2.0, and ours on what sets from outside may ask for. */
export const LIMITS = {
  /** There are 32768 base constants, one for each slice. */
  slices: 32768,
  /** Exponents repeat after this many. */
  exponents: 65535,
  /** The largest Main packet: 32768 files in the set and as many beside it. The others are smaller. */
  criticalPacketBytes: 2 * 1024 * 1024,
  /** What is kept of one recovery file besides its recovery slices. */
  keptBytes: 32 * 1024 * 1024,
  nameBytes: 1024,
  sliceBytes: 2 ** 40,
  /** To find this many slices again takes a matrix of 72 MB. */
  lostSlices: 6000,
  /** How many files of a folder are looked at for one that was renamed. */
  strangers: 100_000,
} as const
