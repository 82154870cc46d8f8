/** What the package carries in one module: the command line, and the library that `containerimage` exports. */
export * from '../provider/index.js'
export { main } from './main.js'
