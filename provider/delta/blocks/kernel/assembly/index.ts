/** The first free byte: inputs, outputs and tables are placed from here on. */
export const base: usize = __heap_base

export { startUnpack, unpack, unpackMade, unpackTook } from './unpack'
export { packMade, packTook, pack, startPack } from './pack'
export { addBase, foundCount, match, moveMatch, startMatch } from './match'
