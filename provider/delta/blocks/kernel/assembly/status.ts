// What the calls of both directions answer; kernel.ts has the same numbers.

/** More of the input, or room for the output, is needed. */
export const MORE: u32 = 0
export const DONE: u32 = 1
/** The input breaks its format. */
export const DAMAGED: u32 = 2
/** The input ends too early. */
export const CUT_SHORT: u32 = 3
/** It is well-formed, and there are no tokens to write it with. */
export const UNUSUAL: u32 = 4

/** As much as one step may read or write at once: a head of a member or of a block, or one sequence of tokens. */
export const MARGIN: usize = 8192
/** A longer head of a member is unusual. */
export const MAX_HEAD: usize = 4096

// The stream of tokens: what stands where a member begins ...
export const MEMBER: u32 = 1
/** Bytes behind the last member, up to the end. */
export const REST: u32 = 0
// ... and in a block, as the first byte of a sequence. A smaller one counts literals that a match follows.
/** This many literals, without a match. */
export const LITERALS: u32 = 252
/** The number of literals is in the next byte; without a match. */
export const SOME_LITERALS: u32 = 253
export const END_OF_BLOCK: u32 = 255

export const STORED: u32 = 0
export const FIXED: u32 = 1
export const DYNAMIC: u32 = 2
