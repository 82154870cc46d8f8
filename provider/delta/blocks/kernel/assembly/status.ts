// What the calls of both directions return; kernel.ts has the same numbers.

/** More input, or more room for the output, is needed. */
export const MORE: u32 = 0
export const DONE: u32 = 1
/** The input breaks its format. */
export const DAMAGED: u32 = 2
/** The input ends too early. */
export const CUT_SHORT: u32 = 3
/** It is well-formed, but there are no tokens to express it. */
export const UNUSUAL: u32 = 4

/** The most that one step may read or write at once: a head of a member or of a block, or one sequence of tokens. */
export const MARGIN: usize = 8192
/** A member's head that is longer is unusual. */
export const MAX_HEAD: usize = 4096

// The stream of tokens: the mark at the beginning of a member ...
export const MEMBER: u32 = 1
/** Bytes after the last member, up to the end. */
export const REST: u32 = 0
// ... and in a block, the first byte of a sequence. A smaller one is the number of literals before a match.
/** This many literals, without a match. */
export const LITERALS: u32 = 252
/** The number of literals is in the next byte; without a match. */
export const SOME_LITERALS: u32 = 253
export const END_OF_BLOCK: u32 = 255

export const STORED: u32 = 0
export const FIXED: u32 = 1
export const DYNAMIC: u32 = 2
