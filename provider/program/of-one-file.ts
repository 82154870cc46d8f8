import { readFileSync } from 'node:fs'
import { loadProgram } from './load-program.js'
import { PLACES } from './places.js'

/** All of it is read at once, as the stick that it is on may be pulled out. */
const text = readFileSync(new URL(import.meta.url), 'latin1')

const load = loadProgram(import.meta.url, (fromEnd, length) =>
  text.slice(text.length - fromEnd, text.length - fromEnd + length),
)

export const program = load(PLACES.entry)
