#!/usr/bin/env node
import { isOfPackage } from './package-beside.js'
import { start } from './start.js'

/**
 * The whole program in one module: the command line, and the library that `containerimage` exports. Started by itself
 * it does what its arguments say; the programs and the library of the package load it and decide that themselves.
 */
export * from '../provider/index.js'
export { main } from './main.js'

if (!isOfPackage()) start(process.argv.slice(2))
