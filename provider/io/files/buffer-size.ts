/**
 * How much is read and written at once, in bytes: below 1 MiB the cost of a call shows, above it the caches
 * of the processor do. In a file of its own, so that a worker thread loads this and nothing else.
 */
export const BUFFER_BYTES = 1024 * 1024
