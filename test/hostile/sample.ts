import { randomOf, shuffled } from '../../scripts/mutate/random.js'

/** Of how many inputs one is taken; HOSTILE_EVERY=1 takes all. */
export const EVERY = Number(process.env.HOSTILE_EVERY ?? 30)
/** Command lines, or actions of the window, for each input. */
export const MOST_LINES = Number(process.env.HOSTILE_LINES ?? 10)
export const SEED = Number(process.env.HOSTILE_SEED ?? 20261130)

/** One of every so many, in an order that the seed makes. */
export function chosenOf<T>(all: readonly T[], every = EVERY): T[] {
  return shuffled(all, randomOf(SEED)).slice(0, Math.ceil(all.length / every))
}
